package dev.whetstone.datasets.job.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;

/** The lines that start in a block, blank ones left out. Closes its file after the last. */
final class BlockLines implements Lines {
  private final Block block;
  private final InputStream in;
  private final byte[] buffer = new byte[TextRows.BUFFER_BYTES];
  private int filled;
  private int next;
  private long at;
  private long number;
  private Line ready;

  BlockLines(Block block, Configuration configuration) throws IOException {
    this.block = block;
    this.number = block.firstLine();
    // From the byte before: if that is a line feed, a line starts right at the block.
    this.at = Math.max(0, block.start() - 1);
    this.in = SourceFiles.open(block, at, configuration);
    try {
      if (block.start() > 0) {
        readLine();
      }
      advance();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void advance() {
    ready = null;
    while (ready == null && at < block.end()) {
      long start = at;
      long line = number++;
      Line read = TextRows.decode(line, start, readLine().toByteArray());
      ready = read.text().isBlank() && read.fault().isEmpty() ? null : read;
    }
    if (ready == null) {
      close();
    }
  }

  /** The bytes up to the next line feed, which is consumed; those beyond the limit are not kept. */
  private ByteArrayOutputStream readLine() {
    var bytes = new ByteArrayOutputStream();
    while (true) {
      if (next == filled) {
        filled = read();
        next = 0;
        if (filled < 0) {
          filled = 0;
          at = Math.max(at, block.end());
          return bytes;
        }
      }
      int end = next;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      int room = TextRows.MAX_BYTES + 1 - bytes.size();
      bytes.write(buffer, next, Math.min(room, end - next));
      boolean found = end < filled;
      at += end - next + (found ? 1 : 0);
      next = found ? end + 1 : end;
      if (found) {
        return bytes;
      }
    }
  }

  private int read() {
    try {
      return in.read(buffer, 0, buffer.length);
    } catch (IOException e) {
      throw TextRows.damaged(block, "after line " + (number - 2), e);
    }
  }

  @Override
  public boolean hasNext() {
    return ready != null;
  }

  @Override
  public Line next() {
    if (ready == null) {
      throw new NoSuchElementException();
    }
    Line line = ready;
    advance();
    return line;
  }

  @Override
  public void close() {
    SourceFiles.close(in);
  }
}
