package dev.whetstone.datasets.job.source;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;

/**
 * The rows of a JSON document: the elements of an array, or objects one after the other, each as
 * its own characters. Only their borders are looked for here, so that a row that is no JSON is one
 * broken row and not a broken file.
 */
final class JsonLines implements Lines {
  private final Block block;
  private final InputStream in;
  private long at;
  private long number;
  private boolean array;
  private boolean done;
  private int after; // the byte that ended the row before: in an array a comma or its end
  private Line ready;

  JsonLines(Block block, Configuration configuration) throws IOException {
    this.block = block;
    this.in =
        new BufferedInputStream(SourceFiles.open(block, configuration), TextRows.BUFFER_BYTES);
    try {
      int first = skipBlanks();
      if (first == 0xEF) { // a byte order mark, EF BB BF
        read();
        read();
        first = skipBlanks();
      }
      array = first == '[';
      next(array ? skipBlanks() : first, true);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private int read() {
    try {
      int b = in.read();
      at++;
      return b;
    } catch (IOException e) {
      throw TextRows.damaged(block, place(), e);
    }
  }

  private String place() {
    return number == 0 ? "from its start on" : "after row " + number;
  }

  private int skipBlanks() {
    int b = read();
    while (b == ' ' || b == '\t' || b == '\n' || b == '\r') {
      b = read();
    }
    return b;
  }

  /** Reads the row that starts with {@code b}, the first byte that is not blank. */
  private void next(int b, boolean first) {
    ready = null;
    if (b < 0) {
      if (array) {
        throw TextRows.damaged(block, place(), "the array does not end");
      }
      close();
    } else if (array && b == ']' && first) {
      end();
    } else {
      ready = row(b);
    }
  }

  private void end() {
    if (skipBlanks() >= 0) {
      throw TextRows.damaged(block, place(), "more follows after the end of the array");
    }
    close();
  }

  private Line row(int first) {
    long start = at - 1;
    var bytes = new ByteArrayOutputStream();
    int depth = 0;
    boolean text = false;
    int b = first;
    while (true) {
      if (b < 0) {
        if (array || depth > 0 || text) {
          throw TextRows.damaged(block, place(), "the row after it does not end");
        }
        done = true;
        break;
      }
      if (depth == 0 && !text && array && (b == ',' || b == ']')) {
        break;
      }
      if (bytes.size() <= TextRows.MAX_BYTES) {
        bytes.write(b);
      }
      if (text) {
        if (b == '\\') {
          b = read();
          if (b >= 0 && bytes.size() <= TextRows.MAX_BYTES) {
            bytes.write(b);
          }
          if (b < 0) {
            continue;
          }
        } else {
          text = b != '"';
        }
      } else if (b == '"') {
        text = true;
      } else if (b == '{' || b == '[') {
        depth++;
      } else if (b == '}' || b == ']') {
        depth--;
        if (depth < 0) {
          throw TextRows.damaged(block, place(), "a bracket closes that none opened");
        }
        if (depth == 0 && !array) {
          break;
        }
      }
      b = read();
    }
    number++;
    after = b;
    return TextRows.decode(number, start, bytes.toByteArray());
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
    ready = null;
    if (done) {
      close();
    } else if (!array) {
      next(skipBlanks(), false);
    } else if (after == ']') {
      end();
    } else {
      next(skipBlanks(), false);
    }
    return line;
  }

  @Override
  public void close() {
    SourceFiles.close(in);
  }
}
