package dev.whetstone.datasets.job;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** The lines that start in a block, blank ones left out. Closes its file after the last. */
final class BlockLines implements Iterator<BlockLines.Line> {
  /** A row longer than this is no row: it is kept aside, cut. */
  static final int MAX_LINE_BYTES = 64 << 20;

  private static final int CUT_BYTES = 1000;
  private static final int BUFFER_BYTES = 1 << 16;

  /**
   * @param number from 1, as editors count
   * @param fault why the bytes are no text, empty if they are
   */
  record Line(long number, String text, String fault) {}

  private final Block block;
  private final FSDataInputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int filled;
  private int next;
  private long at;
  private long number;
  private Line ready;

  BlockLines(Block block, Configuration configuration) throws IOException {
    this.block = block;
    Path path = new Path(URI.create(block.uri())); // as text, its escapes would be taken literally
    this.in = SourceFiles.raw(path, configuration).open(path, BUFFER_BYTES);
    this.number = block.firstLine();
    if (block.start() > 0) {
      // From the byte before: if that is a line feed, a line starts right at the block.
      at = block.start() - 1;
      in.seek(at);
      readLine();
    }
    advance();
  }

  private void advance() throws IOException {
    ready = null;
    while (ready == null && at < block.end()) {
      long start = at;
      long line = number++;
      ByteArrayOutputStream bytes = readLine();
      ready = decode(line, start, bytes);
    }
    if (ready == null) {
      in.close();
    }
  }

  /** The bytes up to the next line feed, which is consumed; those beyond the limit are not kept. */
  private ByteArrayOutputStream readLine() throws IOException {
    var bytes = new ByteArrayOutputStream();
    while (true) {
      if (next == filled) {
        filled = in.read(buffer, 0, buffer.length);
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
      int room = MAX_LINE_BYTES + 1 - bytes.size();
      bytes.write(buffer, next, Math.min(room, end - next));
      boolean found = end < filled;
      at += end - next + (found ? 1 : 0);
      next = found ? end + 1 : end;
      if (found) {
        return bytes;
      }
    }
  }

  private static Line decode(long number, long start, ByteArrayOutputStream bytes) {
    byte[] line = bytes.toByteArray();
    if (line.length > MAX_LINE_BYTES) {
      String head = new String(line, 0, CUT_BYTES, StandardCharsets.UTF_8);
      return new Line(
          number, head, "longer than %d MiB; shown is its head".formatted(MAX_LINE_BYTES >> 20));
    }
    ByteBuffer in = ByteBuffer.wrap(line);
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(in)
              .toString();
    } catch (CharacterCodingException e) {
      String fault = "not UTF-8 at byte %d of the file".formatted(start + in.position());
      return new Line(number, new String(line, StandardCharsets.UTF_8), fault);
    }
    if (number == 1 && text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    return text.isBlank() ? null : new Line(number, text, "");
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
    try {
      advance();
    } catch (IOException e) {
      throw new UncheckedIOException(block.name() + ": cannot be read", e);
    }
    return line;
  }
}
