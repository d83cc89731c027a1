/**
 * Files of raw rows: finding them, telling their format, cutting them into blocks, reading these.
 */
package dev.whetstone.datasets.job.source;
