package dev.whetstone.datasets.job.source;

import dev.whetstone.datasets.read.RowFormat;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/**
 * A piece of a source file that one task reads.
 *
 * @param file index of the file among all sources, from 0
 * @param name of the file, for people
 * @param uri of the file, for Hadoop
 * @param rows how its rows are laid out
 * @param start of a text the first byte, of Parquet the first row group; else 0
 * @param end one after the last of these; {@link #WHOLE} for the whole file
 * @param before of JSON Lines the line feeds in {@code [0, start - 1)}, of CSV those in {@code [0,
 *     start)}, of Parquet the rows before the first group; else 0
 */
public record Block(
    int file,
    String name,
    String uri,
    FileFormat format,
    Compression compression,
    RowFormat rows,
    long start,
    long end,
    long before)
    implements Serializable {
  static final long WHOLE = Long.MAX_VALUE;

  private static final int LINE_BITS = 40;

  /** A part of this one. */
  Block part(long from, long to, long beforeIt) {
    return new Block(file, name, uri, format, compression, rows, from, to, beforeIt);
  }

  /**
   * Its rows.
   *
   * @throws dev.whetstone.artifacts.BadInputException if the file is cut off or damaged
   */
  public Lines open(Configuration configuration) throws IOException {
    return format.open(this, configuration);
  }

  /** Number of the first line of a block of JSON Lines, from 1. */
  long firstLine() {
    return start == 0 ? 1 : before + 2;
  }

  /** Place of a line among all lines of all files: rows are compared and kept by it. */
  public long position(long line) {
    return ((long) file << LINE_BITS) | line;
  }
}
