package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What was done to rows of more than {@code max_length} tokens, besides dropping them.
 *
 * @param truncated rows that were cut and kept
 * @param split conversations that were cut into pieces
 * @param pieces of those, the dropped ones too
 * @param tokensCut tokens of kept rows that were cut off, and those of dropped pieces
 */
record TooLongCounts(long truncated, long split, long pieces, long tokensCut) {
  /** Counts over rows of {@link RowColumns#TOKENISED}. */
  static TooLongCounts of(Dataset<Row> placed) {
    Row counts =
        placed
            .agg(
                count(when(col("piece").equalTo(0).and(col("cut").gt(0)), lit(1))),
                count(when(col("piece").equalTo(1), lit(1))),
                count(when(col("piece").gt(0), lit(1))),
                coalesce(sum("cut"), lit(0L)))
            .first();
    return new TooLongCounts(
        counts.getLong(0), counts.getLong(1), counts.getLong(2), counts.getLong(3));
  }

  /** Rows that there are more of because conversations were split. */
  long more() {
    return pieces - split;
  }
}
