package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.datasets.report.ReportData.ChangedExample;
import dev.whetstone.datasets.rows.RowKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What reading and cleaning did, in one pass over its rows.
 *
 * @param read rows of all sources
 * @param left those that no rule dropped
 * @param changes rows of those by the rule that changed them
 * @param kinds rows of those by what they are for
 * @param weighted rows of those in which a message counts neither 0 nor 1
 * @param languages rows of those by language; empty where it was not looked for
 * @param changed an example of each combination of rules
 */
record ReadSummary(
    long read,
    long left,
    Map<String, Long> changes,
    Map<RowKind, Long> kinds,
    long weighted,
    Map<String, Long> languages,
    List<ChangedExample> changed) {
  /** Rows of a message whose weight is neither 0 nor 1. */
  private static final String WEIGHTED =
      "count_if(exists(messages, turn -> turn.weight IS NOT NULL))";

  /**
   * Makes the rows of {@link RowColumns#READ} be read.
   *
   * @param languages whether they know theirs
   */
  static ReadSummary of(Dataset<Row> rows, boolean languages) {
    List<Row> groups =
        rows.groupBy(col("reason").isNull().as("alive"), col("changes"))
            .agg(
                count(lit(1)).as("n"),
                count("rejected").as("pairs"),
                count("label").as("labelled"),
                expr(WEIGHTED).as("weighted"),
                min("position").as("first"))
            .collectAsList();
    long read = 0;
    long left = 0;
    long weighted = 0;
    Map<String, Long> changes = new TreeMap<>();
    Map<RowKind, Long> kinds = new EnumMap<>(RowKind.class);
    Map<Long, String> firsts = new TreeMap<>();
    for (Row group : groups) {
      long n = group.getLong(2);
      read += n;
      if (!group.getBoolean(0)) {
        continue;
      }
      left += n;
      weighted += group.<Long>getAs("weighted");
      long pairs = group.<Long>getAs("pairs");
      long labelled = group.<Long>getAs("labelled");
      kinds.merge(RowKind.PREFERENCE, pairs, Long::sum);
      kinds.merge(RowKind.LABELLED, labelled, Long::sum);
      kinds.merge(RowKind.CONVERSATION, n - pairs - labelled, Long::sum);
      if (!group.isNullAt(1)) {
        String rules = group.getString(1);
        List.of(rules.split(", ")).forEach(rule -> changes.merge(rule, n, Long::sum));
        firsts.put(group.<Long>getAs("first"), rules);
      }
    }
    kinds.values().removeIf(n -> n == 0);
    return new ReadSummary(
        read,
        left,
        changes,
        kinds,
        weighted,
        languages ? languages(rows) : Map.of(),
        examples(rows, firsts));
  }

  /**
   * The first row of each combination of rules. To find them with the numbers would sort all rows.
   */
  private static List<ChangedExample> examples(Dataset<Row> rows, Map<Long, String> firsts) {
    if (firsts.isEmpty()) {
      return List.of();
    }
    Map<String, ChangedExample> examples = new TreeMap<>();
    rows.where(col("position").isin(firsts.keySet().toArray()))
        .drop("scores")
        .collectAsList()
        .forEach(
            row -> {
              String rules = firsts.get(row.<Long>getAs("position"));
              examples.put(
                  rules,
                  new ChangedExample(
                      row.getAs("id"),
                      row.getAs("source"),
                      row.<Long>getAs("line"),
                      rules,
                      row.getAs("before"),
                      RowColumns.text(row)));
            });
    return new ArrayList<>(examples.values());
  }

  /**
   * What the dataset is for.
   *
   * @throws BadInputException if its rows are of several kinds
   */
  RowKind kind() {
    if (kinds.size() > 1) {
      throw new BadInputException(
          "expected rows of one kind, found %s; a dataset is for one of them: name their sources in recipes of their own."
              .formatted(
                  kinds.entrySet().stream()
                      .map(e -> "%,d %s".formatted(e.getValue(), e.getKey().plural()))
                      .collect(Collectors.joining(", "))));
    }
    return kinds.keySet().iterator().next();
  }

  private static Map<String, Long> languages(Dataset<Row> rows) {
    Map<String, Long> languages = new TreeMap<>();
    rows.where(col("reason").isNull())
        .groupBy(RowColumns.LANGUAGE)
        .count()
        .collectAsList()
        .forEach(row -> languages.put(row.getString(0), row.getLong(1)));
    return languages;
  }
}
