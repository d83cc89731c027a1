package dev.whetstone.datasets.job.source;

import dev.whetstone.artifacts.BadInputException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.util.ValueVectorUtility;
import org.apache.hadoop.conf.Configuration;

/**
 * The rows of an Arrow IPC stream or file. A file holds a stream between its magic and its footer
 * (Arrow columnar format, "IPC File Format"), so that both are read as streams.
 */
final class ArrowLines implements Lines {
  static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);

  private static final int MAGIC_BYTES = 8; // padded
  private static final byte[] END_OF_STREAM = {-1, -1, -1, -1, 0, 0, 0, 0};
  private static final int BUFFER_BYTES = 1 << 20;

  // What a damaged or hostile file announces is not allocated; compressed batches grow on reading.
  private static final long LEAST_MEMORY_BYTES = 256L << 20;
  private static final long MEMORY_PER_BYTE = 32;

  private final Block block;
  private final Tail in;
  private final BufferAllocator allocator;
  private ArrowStreamReader reader;
  private int index;
  private int batchRows;
  private long row;
  private boolean closed;

  ArrowLines(Block block, Configuration configuration) throws IOException {
    this.block = block;
    long size = SourceFiles.sizeBytes(block, configuration);
    this.allocator = new RootAllocator(Math.max(LEAST_MEMORY_BYTES, MEMORY_PER_BYTE * size));
    this.in =
        new Tail(new BufferedInputStream(SourceFiles.open(block, configuration), BUFFER_BYTES));
    try {
      in.mark(MAGIC_BYTES);
      byte[] head = in.readNBytes(MAGIC_BYTES);
      if (!TellFormat.startsWith(head, MAGIC)) {
        in.reset();
      }
      reader = new ArrowStreamReader(in, allocator, CommonsCompressionFactory.INSTANCE);
    } catch (IOException | RuntimeException e) {
      throw failed(e);
    }
    advance();
  }

  /** Whatever Arrow throws at broken bytes: its readers check little. */
  private BadInputException failed(Exception e) {
    try {
      close();
    } catch (RuntimeException leak) {
      e.addSuppressed(leak); // of a batch that it cannot read, Arrow does not release all buffers
    }
    return TextRows.damaged(block, row == 0 ? "from its start on" : "after row " + row, e);
  }

  private void advance() {
    try {
      while (!closed && index >= batchRows) {
        index = 0;
        batchRows = 0;
        if (!reader.loadNextBatch()) {
          if (!in.endsWith(END_OF_STREAM)) {
            throw new IOException("it has no end mark");
          }
          close();
          return;
        }
        ValueVectorUtility.validateFull(reader.getVectorSchemaRoot());
        batchRows = reader.getVectorSchemaRoot().getRowCount();
      }
    } catch (IOException | RuntimeException e) {
      throw failed(e);
    }
  }

  @Override
  public boolean hasNext() {
    return !closed;
  }

  @Override
  public Line next() {
    if (closed) {
      throw new NoSuchElementException();
    }
    Map<String, Object> values = new LinkedHashMap<>();
    try {
      for (FieldVector column : reader.getVectorSchemaRoot().getFieldVectors()) {
        values.put(column.getName(), value(column));
      }
    } catch (IOException | RuntimeException e) {
      throw failed(e);
    }
    index++;
    row++;
    var line = new Line(row, JsonText.of(values), "");
    advance();
    return line;
  }

  private Object value(FieldVector column) throws IOException {
    var encoding = column.getField().getDictionary();
    if (encoding == null) {
      return plain(column.getObject(index));
    }
    if (column.isNull(index)) {
      return null;
    }
    Dictionary dictionary = reader.getDictionaryVectors().get(encoding.getId());
    long place = ((BaseIntVector) column).getValueAsLong(index);
    if (place < 0 || place >= dictionary.getVector().getValueCount()) {
      throw new IOException("entry %d of a dictionary that lacks it".formatted(place));
    }
    return plain(dictionary.getVector().getObject((int) place));
  }

  /** Bytes are no text: such columns, pictures for example, are left out. */
  private static Object plain(Object value) {
    if (value instanceof List<?> list) {
      return new ArrayList<>(list.stream().map(ArrowLines::plain).toList());
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> plain = new LinkedHashMap<>();
      map.forEach((key, below) -> plain.put(key.toString(), plain(below)));
      return plain;
    }
    return value instanceof byte[] ? null : value;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (reader != null) {
        reader.close(false);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(block.name() + ": cannot be closed", e);
    } finally {
      SourceFiles.close(in);
      allocator.close();
    }
  }

  /** Remembers the last bytes that were read: how a stream ends tells whether it is whole. */
  private static final class Tail extends FilterInputStream {
    private final byte[] last = new byte[END_OF_STREAM.length];

    Tail(InputStream in) {
      super(in);
    }

    boolean endsWith(byte[] end) {
      return Arrays.equals(last, end);
    }

    @Override
    public int read() throws IOException {
      int b = in.read();
      if (b >= 0) {
        remember(new byte[] {(byte) b}, 0, 1);
      }
      return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = in.read(bytes, offset, length);
      if (n > 0) {
        remember(bytes, offset, n);
      }
      return n;
    }

    @Override
    public long skip(long n) throws IOException {
      throw new IOException("a stream is read to its end, not skipped");
    }

    private void remember(byte[] bytes, int offset, int n) {
      int taken = Math.min(n, last.length);
      System.arraycopy(last, taken, last, 0, last.length - taken);
      System.arraycopy(bytes, offset + n - taken, last, last.length - taken, taken);
    }
  }
}
