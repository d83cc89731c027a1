package dev.whetstone.datasets.job.source;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.datasets.sink.ArrowCheck;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
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
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
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
        reader.getVectorSchemaRoot().getFieldVectors().forEach(ArrowCheck::check);
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
        values.put(column.getName(), value(column, index));
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

  /** A value as JSON has it; bytes, which are no text (pictures, for example), are left out. */
  private Object value(ValueVector column, int place) throws IOException {
    if (column.isNull(place)) {
      return null;
    }
    if (column.getField().getDictionary() != null) {
      return entry((BaseIntVector) column, place);
    }
    if (column instanceof StructVector struct) {
      Map<String, Object> values = new LinkedHashMap<>();
      for (FieldVector child : struct.getChildrenFromFields()) {
        values.put(child.getName(), value(child, place));
      }
      return values;
    }
    if (column instanceof LargeListVector list) {
      return values(
          list.getDataVector(), list.getElementStartIndex(place), list.getElementEndIndex(place));
    }
    if (column instanceof BaseListVector list) {
      return values(
          list.getChildrenFromFields().get(0),
          list.getElementStartIndex(place),
          list.getElementEndIndex(place));
    }
    if (column instanceof UInt8Vector unsigned) {
      return new BigInteger(Long.toUnsignedString(unsigned.get(place)));
    }
    if (column instanceof UInt4Vector unsigned) {
      return Integer.toUnsignedLong(unsigned.get(place));
    }
    if (column instanceof BaseIntVector number) {
      return number.getValueAsLong(place);
    }
    if (column instanceof Float2Vector half) {
      return half.getValueAsFloat(place);
    }
    Object value = column.getObject(place);
    return value instanceof byte[] ? null : value;
  }

  private List<Object> values(ValueVector elements, long from, long to) throws IOException {
    List<Object> values = new ArrayList<>();
    for (int i = Math.toIntExact(from); i < to; i++) {
      values.add(value(elements, i));
    }
    return values;
  }

  private Object entry(BaseIntVector column, int place) throws IOException {
    Dictionary dictionary =
        reader.getDictionaryVectors().get(column.getField().getDictionary().getId());
    long entry = column.getValueAsLong(place);
    if (entry < 0 || entry >= dictionary.getVector().getValueCount()) {
      throw new IOException("entry %d of a dictionary that lacks it".formatted(entry));
    }
    return value(dictionary.getVector(), (int) entry);
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
