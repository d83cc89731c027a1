package dev.whetstone.datasets.job.source;

import java.util.ArrayList;
import java.util.List;

/** Cuts JSON Lines at any byte: who reads a block begins with the first line that starts in it. */
final class LineCutter implements Cutter {
  private final Block whole;
  private final long sizeBytes;
  private final long blockBytes;
  private final List<Block> blocks = new ArrayList<>();
  private long at;
  private long newlines;
  private long mark; // where the next block's count is taken: the byte before its start

  /**
   * @param blockBytes at least 2
   */
  LineCutter(Block whole, long sizeBytes, long blockBytes) {
    if (blockBytes < 2) {
      throw new IllegalArgumentException("a block must be longer than a byte: " + blockBytes);
    }
    this.whole = whole;
    this.sizeBytes = sizeBytes;
    this.blockBytes = blockBytes;
  }

  @Override
  public void add(byte[] bytes, int length) {
    for (int i = 0; i < length; i++, at++) {
      if (at == mark) {
        long start = blocks.isEmpty() ? 0 : mark + 1;
        long end = Math.min(sizeBytes, start + blockBytes);
        blocks.add(whole.part(start, end, newlines));
        mark = end == sizeBytes ? -1 : end - 1;
      }
      newlines += bytes[i] == '\n' ? 1 : 0;
    }
  }

  @Override
  public List<Block> blocks() {
    return blocks;
  }
}
