package dev.whetstone.datasets.job.source;

/**
 * A row as it was read, before anyone looked at what it holds.
 *
 * @param number of its line in a text, as editors count, else of the row in its file; from 1
 * @param text the row as JSON
 * @param fault why it cannot be a row; empty if it may be one. Its text is then what was read
 */
public record Line(long number, String text, String fault) {}
