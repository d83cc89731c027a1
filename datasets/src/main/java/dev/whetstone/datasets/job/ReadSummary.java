package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.struct;

import dev.whetstone.datasets.report.ReportData.ChangedExample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What reading and cleaning did, in one pass over its rows.
 *
 * @param read rows of all sources
 * @param left those that no rule dropped
 * @param changes rows of those by the rule that changed them
 * @param changed an example of each combination of rules
 */
record ReadSummary(long read, long left, Map<String, Long> changes, List<ChangedExample> changed) {

  /** Makes the rows of {@link RowColumns#READ} be read. */
  static ReadSummary of(Dataset<Row> rows) {
    List<Row> groups =
        rows.groupBy(col("reason").isNull().as("alive"), col("changes"))
            .agg(
                count(lit(1)).as("n"),
                min_by(
                        struct("id", "source", "line", "before", "messages", "tools"),
                        col("position"))
                    .as("first"))
            .collectAsList();
    long read = 0;
    long left = 0;
    Map<String, Long> changes = new TreeMap<>();
    Map<String, ChangedExample> examples = new TreeMap<>();
    for (Row group : groups) {
      long n = group.getLong(2);
      read += n;
      if (!group.getBoolean(0)) {
        continue;
      }
      left += n;
      if (!group.isNullAt(1)) {
        String rules = group.getString(1);
        List.of(rules.split(", ")).forEach(rule -> changes.merge(rule, n, Long::sum));
        Row first = group.getStruct(3);
        examples.put(
            rules,
            new ChangedExample(
                first.getAs("id"),
                first.getAs("source"),
                first.<Long>getAs("line"),
                rules,
                first.getAs("before"),
                RowColumns.text(first)));
      }
    }
    return new ReadSummary(read, left, changes, new ArrayList<>(examples.values()));
  }
}
