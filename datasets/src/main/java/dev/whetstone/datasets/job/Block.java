package dev.whetstone.datasets.job;

import java.io.Serializable;

/**
 * A piece of a source file that one task reads: the lines that start in it.
 *
 * @param file index of the file among all sources, from 0
 * @param name of the file, for people
 * @param uri of the file, for Hadoop
 * @param start first byte
 * @param end byte after the last
 * @param newlinesBefore line feeds in {@code [0, start - 1)}; 0 for the first block
 */
record Block(int file, String name, String uri, long start, long end, long newlinesBefore)
    implements Serializable {
  private static final int LINE_BITS = 40;

  /** Number of the first line of this block, from 1. */
  long firstLine() {
    return start == 0 ? 1 : newlinesBefore + 2;
  }

  /** Place of a line among all lines of all files: rows are compared and kept by it. */
  long position(long line) {
    return ((long) file << LINE_BITS) | line;
  }
}
