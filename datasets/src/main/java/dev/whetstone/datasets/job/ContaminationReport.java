package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.artifacts.dataset.ContaminatedItem;
import dev.whetstone.artifacts.dataset.ContaminatedItem.Kind;
import dev.whetstone.artifacts.dataset.ContaminatedItem.Place;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.datasets.decontaminate.ItemIndex;
import dev.whetstone.datasets.split.RowOrder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * What was found of the benchmarks, item by item. The driver holds the items that were found, with
 * a few rows each.
 *
 * @param tasks that were checked, by name
 * @param items that were found, tasks and items in order
 */
record ContaminationReport(Map<String, CheckedTask> tasks, List<ContaminatedItem> items) {
  /** Rows that are named for an item. */
  private static final int EXAMPLES = 5;

  /**
   * Writes {@code contamination.jsonl} into the folder, empty where nothing was found; nothing
   * where the recipe names no items.
   *
   * @param rows of {@link RowColumns#READ}, dead and alive
   * @param placed of {@link RowColumns#TOKENISED}
   * @param items in the order that {@code benchmarks} has
   */
  static ContaminationReport write(
      Dataset<Row> rows,
      Dataset<Row> placed,
      List<Item> items,
      ItemsOfBenchmarks benchmarks,
      Path folder) {
    if (items.isEmpty()) {
      return new ContaminationReport(Map.of(), List.of());
    }
    List<Found> found =
        found(leaks(rows, placed)).stream()
            .map(row -> found(items.get(row.<Integer>getAs("item")), row))
            .sorted(
                Comparator.comparing((Found f) -> f.item().task())
                    .thenComparingInt(f -> f.item().docId()))
            .toList();
    String lines =
        found.stream().map(f -> Json.line(f.item()) + "\n").collect(Collectors.joining());
    ArtifactFolder.writeAtomically(folder.resolve(DatasetFolder.CONTAMINATION), lines);
    return new ContaminationReport(
        tasks(found, benchmarks.index().coverage()), found.stream().map(Found::item).toList());
  }

  /**
   * @param firsts rows in which it is the first item of its task
   */
  private record Found(ContaminatedItem item, long firsts) {}

  /** A row for each item that a row holds: the row's place, whether it is trained on, the item. */
  private static Dataset<Row> leaks(Dataset<Row> rows, Dataset<Row> placed) {
    Dataset<Row> leaking =
        rows.where(col(RowColumns.LEAKS).isNotNull())
            .select(
                col("position"),
                col("id"),
                col("source"),
                col("line"),
                explode(col(RowColumns.LEAKS)).as("leak"))
            .select("position", "id", "source", "line", "leak.*");
    Dataset<Row> trained =
        placed
            .where(col("reason").isNull().and(col("split").equalTo(RowOrder.TRAIN)))
            .select(col("position"), lit(true).as("trained"))
            .distinct(); // a long row may be trained on in several pieces
    return leaking.join(trained, new String[] {"position"}, "left");
  }

  private static List<Row> found(Dataset<Row> leaks) {
    var inOrder = Window.partitionBy("item").orderBy("position");
    return leaks
        .withColumn("rank", row_number().over(inOrder))
        .groupBy("item")
        .agg(
            count(lit(1)).as("rows"),
            count("trained").as("trained"),
            count_if(col("first")).as("firsts"),
            max_by(
                    struct("kind", "share", "evidence"),
                    struct(col("share"), col("position").multiply(-1))) // of equal ones the first
                .as("best"),
            sort_array(
                    collect_list(
                        when(
                            col("rank").leq(EXAMPLES), struct("position", "id", "source", "line"))))
                .as("examples"))
        .collectAsList();
  }

  private static Found found(Item item, Row found) {
    Row best = found.getAs("best");
    List<Row> examples = found.getList(found.fieldIndex("examples"));
    var line =
        new ContaminatedItem(
            item.task(),
            item.version(),
            item.docId(),
            item.docHash(),
            item.promptHash(),
            item.targetHash(),
            Kind.of(best.getString(0)),
            best.getDouble(1),
            best.getString(2),
            found.<Long>getAs("rows"),
            found.<Long>getAs("trained"),
            examples.stream()
                .map(row -> new Place(row.getString(1), row.getString(2), row.getLong(3)))
                .toList());
    return new Found(line, found.getAs("firsts"));
  }

  private static Map<String, CheckedTask> tasks(
      List<Found> found, Map<String, ItemIndex.Coverage> coverage) {
    Map<String, List<Found>> byTask =
        found.stream().collect(Collectors.groupingBy(f -> f.item().task()));
    Map<String, CheckedTask> tasks = new TreeMap<>();
    coverage.forEach(
        (task, of) -> {
          List<Found> its = byTask.getOrDefault(task, List.of());
          long trained = its.stream().filter(f -> f.item().trainedRows() > 0).count();
          long rows = its.stream().mapToLong(Found::firsts).sum();
          tasks.put(
              task, new CheckedTask(of.items(), of.searchable(), its.size(), (int) trained, rows));
        });
    return tasks;
  }

  String sentence() {
    return tasks.isEmpty()
        ? "none to look for"
        : "%,d of %,d items found"
            .formatted(items.size(), tasks.values().stream().mapToLong(CheckedTask::items).sum());
  }
}
