/** How much of each source is taken. */
package dev.whetstone.datasets.mixture;
