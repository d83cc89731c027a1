package dev.whetstone.datasets.job.source;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts CSV where a record starts. Whether a line break ends a record depends on all quotes before
 * it, so that it is told here, where the whole file goes by, and by the rules of {@link CsvLines}.
 */
final class RecordCutter implements Cutter {
  private enum State {
    FIELD_STARTS,
    PLAIN,
    QUOTED,
    /** After a quote within quotes: the end of them, or the first of two. */
    CLOSING
  }

  private final Block whole;
  private final long sizeBytes;
  private final long blockBytes;
  private final char separator;
  private final List<Block> blocks = new ArrayList<>();
  private State state = State.FIELD_STARTS;
  private long at;
  private long lines;
  private long start; // of the block that is not yet ended
  private long linesBefore;

  RecordCutter(Block whole, long sizeBytes, long blockBytes, char separator) {
    this.whole = whole;
    this.sizeBytes = sizeBytes;
    this.blockBytes = blockBytes;
    this.separator = separator;
  }

  @Override
  public void add(byte[] bytes, int length) {
    for (int i = 0; i < length; i++, at++) {
      byte b = bytes[i];
      if (at < TextRows.MARK.size() && b == TextRows.MARK.get((int) at)) {
        continue;
      }
      boolean ends = b == '\n' && state != State.QUOTED;
      lines += b == '\n' ? 1 : 0;
      state = next(b);
      if (ends && at + 1 - start >= blockBytes && at + 1 < sizeBytes) {
        blocks.add(whole.part(start, at + 1, linesBefore));
        start = at + 1;
        linesBefore = lines;
      }
    }
  }

  private State next(byte b) {
    if (state == State.QUOTED) {
      return b == '"' ? State.CLOSING : State.QUOTED;
    }
    if (b == '"' && state != State.PLAIN) {
      return State.QUOTED;
    }
    return b == separator || b == '\n' ? State.FIELD_STARTS : State.PLAIN;
  }

  @Override
  public List<Block> blocks() {
    List<Block> all = new ArrayList<>(blocks);
    if (start < sizeBytes) {
      all.add(whole.part(start, sizeBytes, linesBefore));
    }
    return all;
  }
}
