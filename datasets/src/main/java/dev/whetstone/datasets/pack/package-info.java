/** Packing as a plan of indices. */
package dev.whetstone.datasets.pack;
