package dev.whetstone.datasets.sink;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Spark's format {@code hf-arrow}: folders that Hugging Face's {@code save_to_disk} writes and
 * {@code load_from_disk} opens.
 *
 * <p>Written by {@code rows.write().format("hf-arrow").mode("append" or "overwrite").save(folder)}:
 * Arrow IPC streams in {@code data/}, rows in the order of partitions, timestamps in UTC. Append
 * means a new folder: one that already holds a dataset is refused, since finished folders never
 * grow. Overwriting replaces a dataset whole, and refuses a folder with files of another kind.
 * Options: {@link #SPLIT}, {@link #FINGERPRINT}, {@link #MAX_SHARD_BYTES}.
 *
 * <p>Read by {@code spark.read().format("hf-arrow").load(folder)}, rows in their order; of a folder
 * of several splits, the option {@link #SPLIT} names one. See {@link ArrowColumns} for the types.
 *
 * <p>The class and its constructor must be public: {@code ServiceLoader} makes it, and with a
 * hidden one every other short name fails as well.
 */
public final class HfArrowSource implements TableProvider, DataSourceRegister {
  /** Name in {@code format(...)}. */
  public static final String FORMAT = "hf-arrow";

  /** Option: name of the split, for {@code state.json}; when reading, which split. */
  public static final String SPLIT = "split";

  /**
   * Option: at most 64 characters that change whenever the rows do. Hugging Face names its caches
   * by it and hands out old rows where it does not change. Left out: made of the shards' bytes, and
   * then other partitions give another one.
   */
  public static final String FINGERPRINT = "fingerprint";

  /**
   * Option: a shard ends with the batch that reaches so many bytes; {@link #DEFAULT_SHARD_BYTES} if
   * left out.
   */
  public static final String MAX_SHARD_BYTES = "max_shard_bytes";

  /** With a last batch of 64 MiB still below Hugging Face's 500 MB. */
  static final long DEFAULT_SHARD_BYTES = 436L << 20;

  private static final String PATH = "path";

  @Override
  public String shortName() {
    return FORMAT;
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return saved(options).schema(configuration());
  }

  private static SavedDataset saved(CaseInsensitiveStringMap options) {
    return SavedDataset.open(options.get(PATH), options.getOrDefault(SPLIT, ""), configuration());
  }

  private static Configuration configuration() {
    return SparkSession.active().sparkContext().hadoopConfiguration();
  }

  @Override
  public boolean supportsExternalMetadata() {
    return true; // the schema that is written is the data frame's
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new Folder(schema, properties.get(PATH));
  }

  private record Folder(StructType schemaOfRows, String path)
      implements Table, SupportsRead, SupportsWrite {
    @Override
    public String name() {
      return FORMAT + ":" + path;
    }

    @Override
    public Column[] columns() {
      return Arrays.stream(schemaOfRows.fields())
          .map(field -> Column.create(field.name(), field.dataType(), field.nullable()))
          .toArray(Column[]::new);
    }

    @Override
    public Set<TableCapability> capabilities() {
      return EnumSet.of(
          TableCapability.BATCH_READ,
          TableCapability.BATCH_WRITE,
          TableCapability.TRUNCATE,
          TableCapability.ACCEPT_ANY_SCHEMA);
    }

    @Override
    public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
      return new FolderScan(saved(options), schemaOfRows, configuration());
    }

    @Override
    public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
      return new FolderWrite(path, info);
    }
  }
}
