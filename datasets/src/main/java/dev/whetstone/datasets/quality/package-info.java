/**
 * A classifier of good and bad rows: what of a text it looks at, how it learns, how far to trust
 * it.
 */
package dev.whetstone.datasets.quality;
