package dev.whetstone.datasets.sink;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The Spark sink {@code hf-arrow}: a folder that Hugging Face's {@code load_from_disk} opens, with
 * Arrow IPC streams in {@code data/}, rows in the order of partitions.
 *
 * <p>Use: {@code rows.write().format("hf-arrow").mode("append" or "overwrite").save(folder)}.
 * Append means a new folder: one that already holds a dataset is refused, since finished folders
 * never grow. Options: {@link #SPLIT}, {@link #FINGERPRINT}.
 *
 * <p>The class and its constructor must be public: {@code ServiceLoader} makes it, and with a
 * hidden one every other short name fails as well.
 */
public final class HfArrowSource implements TableProvider, DataSourceRegister {
  /** Name in {@code format(...)}. */
  public static final String FORMAT = "hf-arrow";

  /** Option: name of the split, for {@code state.json}. */
  public static final String SPLIT = "split";

  /**
   * Option: at most 64 characters that change whenever the rows do. Hugging Face names its caches
   * by it and hands out old rows where it does not change. Left out: made of the shards' bytes.
   */
  public static final String FINGERPRINT = "fingerprint";

  @Override
  public String shortName() {
    return FORMAT;
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    throw new UnsupportedOperationException(
        "hf-arrow only writes; read its folders with DatasetFolder or load_from_disk");
  }

  @Override
  public boolean supportsExternalMetadata() {
    return true; // the schema is the data frame's
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new Folder(schema, properties.get("path"));
  }

  private record Folder(StructType schemaOfRows, String path) implements Table, SupportsWrite {
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
          TableCapability.BATCH_WRITE, TableCapability.TRUNCATE, TableCapability.ACCEPT_ANY_SCHEMA);
    }

    @Override
    public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
      return new FolderWrite(path, info);
    }
  }
}
