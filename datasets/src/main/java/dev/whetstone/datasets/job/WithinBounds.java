package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.whetstone.datasets.measure.Bound;
import dev.whetstone.datasets.measure.Measure;
import dev.whetstone.datasets.measure.Measures;
import dev.whetstone.datasets.rows.DropReason;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Rows whose scores are out of bounds are dropped; the first measure that refuses one names it. */
final class WithinBounds {
  private WithinBounds() {}

  /**
   * @param rows of {@link RowColumns#READ}
   * @param bounds by the name of the measure
   */
  static Dataset<Row> of(Dataset<Row> rows, Map<String, Bound> bounds) {
    Column[] faults =
        Measures.ALL.stream()
            .filter(measure -> bounds.containsKey(measure.key()))
            .map(measure -> fault(measure, bounds.get(measure.key())))
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
  private static Column fault(Measure measure, Bound bound) {
    Column score = col(RowColumns.SCORES).getField(measure.key());
    Column below = bound.min() == null ? lit(false) : score.lt(bound.min().floatValue());
    Column above = bound.max() == null ? lit(false) : score.gt(bound.max().floatValue());
    return when(
        below.or(above),
        format_string(measure.key() + " is %.3f, expected " + bound, score.cast("double")));
  }
}
