/** Finds benchmark items in training rows. */
package dev.whetstone.datasets.decontaminate;
