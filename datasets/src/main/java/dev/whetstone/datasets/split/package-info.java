/** Order and split of rows. */
package dev.whetstone.datasets.split;
