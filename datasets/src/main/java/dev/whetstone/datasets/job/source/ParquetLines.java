package dev.whetstone.datasets.job.source;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.datasets.sink.HadoopFolder;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/** The rows of some row groups of a Parquet file. */
final class ParquetLines implements Lines {
  private final Block block;
  private final ParquetFileReader reader;
  private final MessageType schema;
  private final MessageColumnIO columns;
  private RecordReader<Group> records;
  private long group;
  private long left;
  private long number;
  private boolean closed;

  ParquetLines(Block block, Configuration configuration) throws IOException {
    this.block = block;
    this.group = block.start();
    this.number = block.before();
    try {
      this.reader = ParquetFileReader.open(new Raw(block.uri(), configuration));
    } catch (IOException | RuntimeException e) {
      throw TextRows.damaged(block, "from its start on", e);
    }
    this.schema = reader.getFileMetaData().getSchema();
    this.columns = new ColumnIOFactory().getColumnIO(schema);
    advance();
  }

  /**
   * A block for each row group.
   *
   * @throws BadInputException if the file has no footer that can be read
   */
  static List<Block> blocks(Block whole, Configuration configuration) {
    List<Block> blocks = new ArrayList<>();
    try (ParquetFileReader reader = ParquetFileReader.open(new Raw(whole.uri(), configuration))) {
      long rows = 0;
      for (BlockMetaData group : reader.getRowGroups()) {
        int n = blocks.size();
        blocks.add(whole.part(n, n + 1L, rows));
        rows += group.getRowCount();
      }
    } catch (IOException | RuntimeException e) {
      throw TextRows.damaged(whole, "from its footer on", e);
    }
    return blocks;
  }

  private void advance() {
    try {
      while (!closed && left == 0) {
        PageReadStore pages =
            group < Math.min(block.end(), reader.getRowGroups().size())
                ? reader.readRowGroup((int) group++)
                : null;
        if (pages == null) {
          close();
          return;
        }
        left = pages.getRowCount();
        records = columns.getRecordReader(pages, new GroupRecordConverter(schema));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw damaged(e);
    }
  }

  /** Whatever Parquet throws at broken bytes. */
  private BadInputException damaged(Exception e) {
    return TextRows.damaged(block, number == 0 ? "from its start on" : "after row " + number, e);
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
    Line line;
    try {
      Group record = records.read();
      line = new Line(number + 1, JsonText.of(struct(record, schema)), "");
    } catch (RuntimeException e) {
      close();
      throw damaged(e);
    }
    number++;
    left--;
    advance();
    return line;
  }

  private static Map<String, Object> struct(Group group, GroupType type) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < type.getFieldCount(); i++) {
      Type field = type.getType(i);
      values.put(
          field.getName(),
          field.isRepetition(Type.Repetition.REPEATED)
              ? repeated(group, i, field)
              : group.getFieldRepetitionCount(i) == 0 ? null : value(group, i, 0, field));
    }
    return values;
  }

  /** A repeated field outside of a list is one, without nulls (LogicalTypes.md, Lists). */
  private static List<Object> repeated(Group group, int field, Type type) {
    List<Object> values = new ArrayList<>();
    for (int n = 0; n < group.getFieldRepetitionCount(field); n++) {
      values.add(value(group, field, n, type));
    }
    return values;
  }

  private static Object value(Group group, int field, int n, Type type) {
    if (type.isPrimitive()) {
      return primitive(group, field, n, type.asPrimitiveType());
    }
    Group below = group.getGroup(field, n);
    GroupType struct = type.asGroupType();
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    if (logical instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation) {
      return list(below, struct);
    }
    if (logical instanceof LogicalTypeAnnotation.MapLogicalTypeAnnotation) {
      Map<String, Object> map = new LinkedHashMap<>();
      GroupType entry = struct.getType(0).asGroupType();
      for (int i = 0; i < below.getFieldRepetitionCount(0); i++) {
        Group pair = below.getGroup(0, i);
        Object key = value(pair, 0, 0, entry.getType(0));
        boolean none = entry.getFieldCount() < 2 || pair.getFieldRepetitionCount(1) == 0;
        map.put(String.valueOf(key), none ? null : value(pair, 1, 0, entry.getType(1)));
      }
      return map;
    }
    return struct(below, struct);
  }

  /**
   * Three levels as the format wants it, or two as older writers have it: then the repeated field
   * is the element itself (LogicalTypes.md, Lists, Backward-compatibility rules).
   */
  private static List<Object> list(Group list, GroupType type) {
    Type repeated = type.getType(0);
    boolean wrapped =
        !repeated.isPrimitive()
            && repeated.asGroupType().getFieldCount() == 1
            && !repeated.getName().equals("array")
            && !repeated.getName().equals(type.getName() + "_tuple");
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      if (!wrapped) {
        values.add(value(list, 0, i, repeated));
        continue;
      }
      Group element = list.getGroup(0, i);
      Type of = repeated.asGroupType().getType(0);
      values.add(
          of.isRepetition(Type.Repetition.REPEATED)
              ? repeated(element, 0, of)
              : element.getFieldRepetitionCount(0) == 0 ? null : value(element, 0, 0, of));
    }
    return values;
  }

  private static Object primitive(Group group, int field, int n, PrimitiveType type) {
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> group.getBoolean(field, n);
      case INT32 -> number(group.getInteger(field, n), logical);
      case INT64 -> number(group.getLong(field, n), logical);
      case FLOAT -> group.getFloat(field, n);
      case DOUBLE -> group.getDouble(field, n);
      case INT96 -> null; // a time in an old form
      case BINARY, FIXED_LEN_BYTE_ARRAY -> {
        byte[] bytes = group.getBinary(field, n).getBytes();
        if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
          yield new BigDecimal(new BigInteger(bytes), decimal.getScale());
        }
        boolean text =
            logical instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
                || logical instanceof LogicalTypeAnnotation.EnumLogicalTypeAnnotation
                || logical instanceof LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
        // Bytes are no text: such columns, pictures for example, are left out.
        yield text ? group.getBinary(field, n).toStringUsingUTF8() : null;
      }
    };
  }

  private static Object number(long value, LogicalTypeAnnotation logical) {
    return logical instanceof DecimalLogicalTypeAnnotation decimal
        ? BigDecimal.valueOf(value, decimal.getScale())
        : (Object) value;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      reader.close();
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  /** A file without Hadoop's checksum files beside it. */
  private static final class Raw implements InputFile {
    private final Path path;
    private final FileSystem files;

    Raw(String uri, Configuration configuration) throws IOException {
      this.path = new Path(URI.create(uri));
      this.files = HadoopFolder.files(path, configuration);
    }

    @Override
    public long getLength() throws IOException {
      return files.getFileStatus(path).getLen();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      return HadoopStreams.wrap(files.open(path));
    }
  }
}
