package dev.whetstone.datasets.sink;

import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.util.SerializableConfiguration;

/** The driver's part of the reader: which columns, and a task for each range of a shard. */
final class FolderScan
    implements ScanBuilder, SupportsPushDownRequiredColumns, SupportsReportStatistics, Batch {
  private final SavedDataset dataset;
  private final Configuration configuration;
  private StructType columns;

  FolderScan(SavedDataset dataset, StructType columns, Configuration configuration) {
    this.dataset = dataset;
    this.columns = columns;
    this.configuration = configuration;
  }

  /** Columns are left out whole; of a struct every field is read. */
  @Override
  public void pruneColumns(StructType required) {
    StructType all = columns;
    StructType chosen = new StructType();
    for (StructField field : required.fields()) {
      chosen = chosen.add(all.apply(field.name()));
    }
    columns = chosen;
  }

  @Override
  public Scan build() {
    return this;
  }

  @Override
  public StructType readSchema() {
    return columns;
  }

  @Override
  public String description() {
    return HfArrowSource.FORMAT + ":" + dataset.folder();
  }

  /** By the size of the files, whatever columns are read. */
  @Override
  public Statistics estimateStatistics() {
    long bytes = dataset.shards().stream().mapToLong(SavedDataset.Shard::sizeBytes).sum();
    return new Statistics() {
      @Override
      public OptionalLong sizeInBytes() {
        return OptionalLong.of(bytes);
      }

      @Override
      public OptionalLong numRows() {
        return OptionalLong.empty();
      }
    };
  }

  @Override
  public Batch toBatch() {
    return this;
  }

  @Override
  public InputPartition[] planInputPartitions() {
    return dataset.shards().stream()
        .flatMap(shard -> ShardRange.of(shard).stream())
        .toArray(InputPartition[]::new);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new Factory(columns, new SerializableConfiguration(configuration));
  }

  private record Factory(StructType columns, SerializableConfiguration configuration)
      implements PartitionReaderFactory {
    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
      throw new UnsupportedOperationException("batches only");
    }

    @Override
    public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
      return new ShardReader((ShardRange) partition, columns, configuration.value());
    }

    @Override
    public boolean supportColumnarReads(InputPartition partition) {
      return true;
    }
  }
}
