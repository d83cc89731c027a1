package dev.whetstone.datasets.sink;

import dev.whetstone.artifacts.BadInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** The batches of a part of a shard. Owns all their memory; {@link #close} it. */
final class ShardReader implements PartitionReader<ColumnarBatch> {
  private final String file;
  private final StructType columns;
  private final BufferAllocator allocator;
  private final ArrowStreamReader reader;
  private ColumnarBatch batch;
  private boolean damaged;

  /**
   * Opens the shard.
   *
   * @param columns which are read
   * @throws BadInputException here or while reading, if the shard is missing or damaged, or lacks a
   *     column of that type
   */
  ShardReader(ShardRange range, StructType columns, Configuration configuration) {
    this.file = range.file();
    this.columns = columns;
    this.allocator =
        ArrowUtils.rootAllocator().newChildAllocator("hf-arrow-read", 0, Long.MAX_VALUE);
    var path = new Path(file);
    try {
      FileSystem files = HadoopFolder.files(path, configuration);
      reader = new ArrowStreamReader(new BatchRange(files.open(path), range), allocator);
    } catch (IOException e) {
      allocator.close();
      throw unreadable(e);
    }
  }

  /** For its columns alone. */
  ShardReader(ShardRange range, Configuration configuration) {
    this(range, new StructType(), configuration);
  }

  /** All columns of the shard. */
  StructType schema() {
    try {
      return DataTypes.createStructType(
          reader.getVectorSchemaRoot().getSchema().getFields().stream()
              .map(field -> ArrowColumns.structField(field, reader))
              .toArray(StructField[]::new));
    } catch (IOException | RuntimeException e) {
      throw unreadable(e);
    }
  }

  @Override
  public boolean next() {
    try {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      do {
        if (!reader.loadNextBatch()) {
          return false;
        }
      } while (root.getRowCount() == 0);
      ColumnVector[] vectors = new ColumnVector[columns.size()];
      for (int i = 0; i < vectors.length; i++) {
        vectors[i] = column(root, columns.fields()[i]);
      }
      batch = new ColumnarBatch(vectors, root.getRowCount());
      return true;
    } catch (IOException | RuntimeException e) {
      damaged = true;
      throw unreadable(e);
    }
  }

  private ColumnVector column(VectorSchemaRoot root, StructField wanted) {
    FieldVector vector = root.getVector(wanted.name());
    if (vector == null) {
      throw new BadInputException(
          "%s: expected a column \"%s\", found %s."
              .formatted(
                  file,
                  wanted.name(),
                  String.join(
                      ", ", root.getSchema().getFields().stream().map(Field::getName).toList())));
    }
    String found = ArrowColumns.type(vector.getField(), reader).catalogString();
    // Without regard to null, which everything may be.
    if (!found.equals(wanted.dataType().catalogString())) {
      throw new BadInputException(
          "%s: expected column \"%s\" of type %s, found %s."
              .formatted(file, wanted.name(), wanted.dataType().catalogString(), found));
    }
    return ArrowColumns.of(vector, reader);
  }

  /** Whatever Arrow throws at broken metadata: its readers check little. */
  private RuntimeException unreadable(Exception e) {
    if (e instanceof BadInputException known) {
      return known;
    }
    String what =
        e instanceof FileNotFoundException
            ? "expected an Arrow file here, found none"
            : "cannot be read as an Arrow stream ("
                + Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName())
                + ")";
    return new BadInputException(file + ": " + what + ".", e);
  }

  @Override
  public ColumnarBatch get() {
    return batch;
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw unreadable(e);
    } finally {
      // Arrow drops a batch that does not fit its columns without releasing it, and would complain.
      if (!damaged) {
        allocator.close();
      }
    }
  }
}
