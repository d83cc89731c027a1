package dev.whetstone.datasets.job;

import dev.whetstone.datasets.split.RowOrder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Rows brought to where they are written, in order. Ranges of places are never cut by a partition:
 * the order of rows and every hash over them are the same for any number of partitions.
 */
final class InOrder {
  private InOrder() {}

  /**
   * The rows sorted within partitions, which are in order among themselves.
   *
   * @param placed with the columns split, row_range, row_order, id, position
   * @param partitions tasks that will write, each at most one shard a split
   */
  static Dataset<Row> of(Dataset<Row> placed, int partitions) {
    int shards = Math.min(partitions, RowOrder.RANGES);
    return placed
        .repartitionById(
            shards,
            functions.expr(
                "CAST(row_range * %dL DIV %d AS INT)".formatted(shards, RowOrder.RANGES)))
        .sortWithinPartitions("split", "row_order", "id", "position");
  }
}
