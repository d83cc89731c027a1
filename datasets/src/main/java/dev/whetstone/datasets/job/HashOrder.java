package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;

import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * The first rows of each group in the order of a hash, until their amounts reach a budget. Nothing
 * is sorted as a whole and no row is collected: amounts by ranges of the hash find the range in
 * which a budget ends, and only there are rows put in order.
 */
final class HashOrder {
  /** Some four thousand numbers a group reach the driver. */
  private static final int RANGE_SHIFT = 51;

  private HashOrder() {}

  /**
   * The greatest hash up to which the amounts of a group are within its budget; rows of equal hash
   * stay together.
   *
   * @param rows with the columns {@code source_index} INT, {@code hash} BIGINT, not negative,
   *     {@code amount} BIGINT
   * @param budgets of the groups, [G]; negative: none
   * @return [G]: -1 if not even the first row is within it; the largest number if all are
   */
  static long[] thresholds(Dataset<Row> rows, double[] budgets) {
    Dataset<Row> ranged =
        rows.selectExpr(
            "*", "CAST(shiftright(hash, %d) AS INT) AS hash_range".formatted(RANGE_SHIFT));
    long[] thresholds = new long[budgets.length];
    Arrays.fill(thresholds, Long.MAX_VALUE);
    double[] before = new double[budgets.length];
    int[] ends = new int[budgets.length];
    Arrays.fill(ends, -1);
    for (Row range :
        ranged
            .groupBy("source_index", "hash_range")
            .agg(sum("amount").as("amount"))
            .orderBy("source_index", "hash_range")
            .collectAsList()) {
      int group = range.getInt(0);
      if (budgets[group] < 0 || ends[group] >= 0) {
        continue;
      }
      if (before[group] + range.getLong(2) > budgets[group]) {
        ends[group] = range.getInt(1);
      } else {
        before[group] += range.getLong(2);
      }
    }
    Column last = lit(false);
    for (int group = 0; group < budgets.length; group++) {
      if (ends[group] >= 0) {
        last =
            last.or(col("source_index").equalTo(group).and(col("hash_range").equalTo(ends[group])));
        // Unless a row of that range is within the budget as well.
        thresholds[group] = ((long) ends[group] << RANGE_SHIFT) - 1;
      }
    }
    // Rows of equal hash are peers: the sum at each holds all of them.
    for (Row best :
        ranged
            .where(last)
            .withColumn(
                "reached", sum("amount").over(Window.partitionBy("source_index").orderBy("hash")))
            .where(within(budgets, before))
            .groupBy("source_index")
            .agg(max("hash"))
            .collectAsList()) {
      thresholds[best.getInt(0)] = best.getLong(1);
    }
    return thresholds;
  }

  private static Column within(double[] budgets, double[] before) {
    Column within = lit(false);
    for (int group = 0; group < budgets.length; group++) {
      within =
          within.or(
              col("source_index")
                  .equalTo(group)
                  .and(col("reached").leq(lit(budgets[group] - before[group]))));
    }
    return within;
  }
}
