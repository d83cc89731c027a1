package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.whetstone.datasets.PrepareConfig.Quality;
import dev.whetstone.datasets.measure.Bound;
import dev.whetstone.datasets.measure.Measure;
import dev.whetstone.datasets.measure.Measures;
import dev.whetstone.datasets.rows.DropReason;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Rows whose scores are out of bounds are dropped; the first measure that refuses one names it. */
final class WithinBounds {
  private WithinBounds() {}

  /**
   * @param rows of {@link RowColumns#READ}
   * @param bounds by the name of the score
   */
  static Dataset<Row> of(Dataset<Row> rows, Map<String, Bound> bounds) {
    Column[] faults =
        Stream.concat(Measures.ALL.stream().map(Measure::key), Stream.of(Quality.KEY))
            .filter(bounds::containsKey)
            .map(score -> fault(score, bounds.get(score)))
            .toArray(Column[]::new);
    if (faults.length == 0) {
      return rows;
    }
    Column fault = coalesce(faults);
    Column refused = col(RowColumns.REASON).isNull().and(fault.isNotNull());
    return rows.withColumn(RowColumns.DETAIL, when(refused, fault).otherwise(col("detail")))
        .withColumn(
            RowColumns.REASON,
            when(refused, lit(DropReason.LOW_QUALITY.key())).otherwise(col("reason")));
  }

  /** Null where the score is within its bound, or there is none. */
  private static Column fault(String key, Bound bound) {
    Column score = col(RowColumns.SCORES).getField(key);
    Column below = bound.min() == null ? lit(false) : score.lt(bound.min().floatValue());
    Column above = bound.max() == null ? lit(false) : score.gt(bound.max().floatValue());
    return when(
        below.or(above), format_string(key + " is %.3f, expected " + bound, score.cast("double")));
  }
}
