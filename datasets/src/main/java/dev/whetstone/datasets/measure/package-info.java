/** What can be measured of a text, and the bounds within which a row is kept. */
package dev.whetstone.datasets.measure;
