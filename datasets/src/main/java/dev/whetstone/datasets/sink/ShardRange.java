package dev.whetstone.datasets.sink;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.connector.read.InputPartition;

/**
 * A task's part of a shard: the batches that begin in it.
 *
 * <p>Not a record, as {@link ShardDone} is not.
 */
final class ShardRange implements InputPartition {
  private static final long serialVersionUID = 1L;
  private static final long RANGE_BYTES = 128L << 20;

  private final String file;
  private final long begin;
  private final long end;
  private final long sizeBytes;

  private ShardRange(SavedDataset.Shard shard, long begin, long end) {
    this.file = shard.file();
    this.begin = begin;
    this.end = end;
    this.sizeBytes = shard.sizeBytes();
  }

  /** Ranges for tasks, each byte in one. */
  static List<ShardRange> of(SavedDataset.Shard shard) {
    return of(shard, RANGE_BYTES);
  }

  /** Ranges of at most {@code bytes}. */
  static List<ShardRange> of(SavedDataset.Shard shard, long bytes) {
    List<ShardRange> ranges = new ArrayList<>();
    long begin = 0;
    do {
      long end = Math.min(begin + bytes, shard.sizeBytes());
      ranges.add(new ShardRange(shard, begin, end));
      begin = end;
    } while (begin < shard.sizeBytes());
    return ranges;
  }

  /** No batch at all. */
  static ShardRange schemaOf(SavedDataset.Shard shard) {
    return new ShardRange(shard, shard.sizeBytes(), shard.sizeBytes());
  }

  String file() {
    return file;
  }

  long begin() {
    return begin;
  }

  long end() {
    return end;
  }

  /** Of the whole shard. */
  long sizeBytes() {
    return sizeBytes;
  }
}
