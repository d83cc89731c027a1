package dev.whetstone.datasets.job.source;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;

/**
 * The records of a CSV or TSV file (RFC 4180, with a header line): JSON objects of texts, by the
 * names of the header. A field with nothing in it, not even quotes, is none. Quotes within a field
 * that does not begin with one are text.
 */
final class CsvLines implements Lines {
  private static final int END = -1;

  /**
   * @param line number of its first line
   * @param quoted of each field, whether it begins with a quote
   * @param size bytes of all fields
   */
  private record CsvRecord(long line, List<byte[]> fields, List<Boolean> quoted, long size) {
    boolean isBlank() {
      return fields.size() == 1 && fields.get(0).length == 0 && !quoted.get(0);
    }
  }

  private final Block block;
  private final int separator;
  private final List<String> header;
  private InputStream in;
  private long at;
  private long line = 1;
  private int pushedBack = -2;
  private boolean ended;
  private Line ready;

  CsvLines(Block block, Configuration configuration, char separator) throws IOException {
    this.block = block;
    this.separator = separator;
    this.in =
        new BufferedInputStream(SourceFiles.open(block, configuration), TextRows.BUFFER_BYTES);
    try {
      skipMark();
      this.header = header();
      if (block.start() > 0) {
        close();
        in =
            new BufferedInputStream(
                SourceFiles.open(block, block.start(), configuration), TextRows.BUFFER_BYTES);
        at = block.start();
        line = block.before() + 1;
        ended = false;
      }
      advance();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void skipMark() throws IOException {
    in.mark(TextRows.MARK.size());
    for (byte expected : TextRows.MARK) {
      if ((byte) in.read() != expected) {
        in.reset();
        return;
      }
    }
    at = TextRows.MARK.size();
  }

  private List<String> header() {
    CsvRecord first = record();
    List<String> names = new ArrayList<>();
    if (first == null) {
      return names;
    }
    long place = 0;
    for (byte[] field : first.fields()) {
      Line name = TextRows.decode(1, place, field);
      if (!name.fault().isEmpty()) {
        throw TextRows.damaged(block, "in its header", name.fault());
      }
      names.add(name.text().strip());
      place += field.length + 1L;
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw new BadInputException(
          "%s: expected a first line with the names of the columns, each once, found %s."
              .formatted(block.name(), names));
    }
    return names;
  }

  private void advance() {
    ready = null;
    while (ready == null) {
      // Blocks are cut where a record starts, so that none is read twice.
      CsvRecord record = at < block.end() ? record() : null;
      if (record == null) {
        close();
        return;
      }
      if (!record.isBlank()) {
        ready = line(record);
      }
    }
  }

  private Line line(CsvRecord record) {
    if (record.size() > TextRows.MAX_BYTES) {
      return new Line(record.line(), "", "longer than %d MiB".formatted(TextRows.MAX_BYTES >> 20));
    }
    Map<String, String> values = new LinkedHashMap<>();
    String fault = "";
    if (record.fields().size() != header.size()) {
      fault =
          "expected %d fields, as the header has, found %d"
              .formatted(header.size(), record.fields().size());
    }
    for (int i = 0; i < record.fields().size(); i++) {
      Line field = TextRows.decode(record.line(), 1, record.fields().get(i));
      if (!field.fault().isEmpty() && fault.isEmpty()) {
        fault = "not UTF-8 in field %d".formatted(i + 1);
      }
      if (!field.text().isEmpty() || record.quoted().get(i)) {
        values.put(i < header.size() ? header.get(i) : "field " + (i + 1), field.text());
      }
    }
    return new Line(record.line(), Json.line(values), fault);
  }

  private int read() {
    if (pushedBack != -2) {
      int b = pushedBack;
      pushedBack = -2;
      return b;
    }
    try {
      int b = in.read();
      at++;
      return b;
    } catch (IOException e) {
      throw TextRows.damaged(block, "after line " + (line - 1), e);
    }
  }

  /** The next record, null after the last. */
  private CsvRecord record() {
    if (ended) {
      return null;
    }
    long firstLine = line;
    long size = 0;
    List<byte[]> fields = new ArrayList<>();
    List<Boolean> quoted = new ArrayList<>();
    int b = read();
    while (true) {
      var field = new ByteArrayOutputStream();
      boolean quotes = b == '"';
      b = quotes ? quotedField(field, firstLine) : plainField(field, b);
      size += field.size();
      fields.add(size > TextRows.MAX_BYTES ? new byte[0] : field.toByteArray());
      quoted.add(quotes);
      if (b != separator) {
        break;
      }
      b = read();
    }
    ended = b == END;
    line++;
    CsvRecord record = new CsvRecord(firstLine, fields, quoted, size);
    return ended && record.isBlank() ? null : record;
  }

  /** Reads a field that begins with {@code b}; returns what ended it. */
  private int plainField(ByteArrayOutputStream field, int first) {
    int b = first;
    while (b != separator && b != '\n' && b != END) {
      if (b == '\r') {
        int next = read();
        if (next == '\n' || next == END) {
          return next;
        }
        pushedBack = next;
      }
      write(field, b);
      b = read();
    }
    return b;
  }

  private int quotedField(ByteArrayOutputStream field, long firstLine) {
    while (true) {
      int b = read();
      if (b == END) {
        throw new BadInputException(
            "%s: the quote that opens in the record of line %d is never closed; double the quotes within quoted fields, or is the file cut off?"
                .formatted(block.name(), firstLine));
      }
      if (b != '"') {
        line += b == '\n' ? 1 : 0;
        write(field, b);
        continue;
      }
      int next = read();
      if (next != '"') {
        // After the closing quote nothing should follow; what does is text of the field.
        return plainField(field, next);
      }
      write(field, b);
    }
  }

  /** What is beyond the longest row is counted, not kept. */
  private static void write(ByteArrayOutputStream field, int b) {
    if (field.size() <= TextRows.MAX_BYTES) {
      field.write(b);
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
    Line next = ready;
    advance();
    return next;
  }

  @Override
  public void close() {
    SourceFiles.close(in);
  }
}
