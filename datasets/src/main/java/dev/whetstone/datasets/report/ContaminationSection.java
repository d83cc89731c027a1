package dev.whetstone.datasets.report;

import static dev.whetstone.datasets.report.Html.escape;
import static dev.whetstone.datasets.report.Html.number;
import static dev.whetstone.datasets.report.Html.percent;

import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.artifacts.dataset.ContaminatedItem;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What was found of the benchmarks: a table of tasks, and of each the items that most is found of.
 */
final class ContaminationSection {
  /** Items of a task that are shown; the file has them all. */
  private static final int ITEMS_SHOWN = 5;

  /** Tasks that are seen at once; the others are folded away. */
  private static final int TASKS_SHOWN = 20;

  private static final String HEAD =
      """
      <tr><th>task</th><th class="n">items</th><th class="n">searchable</th><th class="n">found</th>\
      <th class="n">share</th><th class="n">trained on</th><th class="n">rows</th></tr>
      """;

  private ContaminationSection() {}

  /** Nothing where no benchmark was looked for. */
  static String html(Map<String, CheckedTask> tasks, List<ContaminatedItem> items) {
    if (tasks.isEmpty()) {
      return "";
    }
    return """
    <h2>Benchmark items in the rows</h2>
    <p>%s A searchable item has words enough, and words that tell it from others. All that were \
    found are in <code>contamination.jsonl</code>, one a line.</p>
    %s
    %s
    """
        .formatted(summary(tasks), tables(tasks), details(tasks, items));
  }

  private static String summary(Map<String, CheckedTask> tasks) {
    long all = tasks.values().stream().mapToLong(CheckedTask::items).sum();
    long found = tasks.values().stream().mapToLong(CheckedTask::found).sum();
    long trained = tasks.values().stream().mapToLong(CheckedTask::trained).sum();
    return "Of %s items of %s tasks, %s were found in the raw rows; %s of them are in rows of the split train."
        .formatted(number(all), number(tasks.size()), number(found), number(trained));
  }

  /** Tasks with findings, most first. */
  private static List<Map.Entry<String, CheckedTask>> found(Map<String, CheckedTask> tasks) {
    return tasks.entrySet().stream()
        .filter(task -> task.getValue().found() > 0)
        .sorted(
            Comparator.comparingInt((Map.Entry<String, CheckedTask> t) -> -t.getValue().found()))
        .toList();
  }

  private static String tables(Map<String, CheckedTask> tasks) {
    List<Map.Entry<String, CheckedTask>> found = found(tasks);
    int shown = Math.min(TASKS_SHOWN, found.size());
    String table =
        "<div class=\"card scroll\"><table>%s%s%s</table></div>\n"
            .formatted(HEAD, rows(found.subList(0, shown)), clean(tasks));
    return shown == found.size()
        ? table
        : table
            + """
            <details><summary><b>%s more tasks</b><span class="why">with fewer findings</span></summary>
            <div class="example scroll"><table>%s%s</table></div></details>
            """
                .formatted(
                    number(found.size() - shown), HEAD, rows(found.subList(shown, found.size())));
  }

  private static String rows(List<Map.Entry<String, CheckedTask>> tasks) {
    return tasks.stream()
        .map(task -> row(escape(task.getKey()), task.getValue()))
        .collect(Collectors.joining());
  }

  /** One line for all tasks of which nothing was found. */
  private static String clean(Map<String, CheckedTask> tasks) {
    List<Map.Entry<String, CheckedTask>> clean =
        tasks.entrySet().stream().filter(task -> task.getValue().found() == 0).toList();
    if (clean.isEmpty()) {
      return "";
    }
    int items = clean.stream().mapToInt(task -> task.getValue().items()).sum();
    int searchable = clean.stream().mapToInt(task -> task.getValue().searchable()).sum();
    String names =
        clean.size() == 1
            ? escape(clean.get(0).getKey())
            : number(clean.size()) + (tasks.size() > clean.size() ? " other tasks" : " tasks");
    return row(names, new CheckedTask(items, searchable, 0, 0, 0));
  }

  private static String row(String name, CheckedTask task) {
    String cell = "<td class=\"n\">%s</td>";
    return "<tr><td>%s</td>".formatted(name)
        + cell.formatted(number(task.items()))
        + cell.formatted(number(task.searchable()))
        + cell.formatted(number(task.found()))
        + cell.formatted(percent((double) task.found() / task.items()))
        + cell.formatted(number(task.trained()))
        + cell.formatted(number(task.rows()))
        + "</tr>\n";
  }

  private static String details(Map<String, CheckedTask> tasks, List<ContaminatedItem> items) {
    Map<String, List<ContaminatedItem>> byTask =
        items.stream().collect(Collectors.groupingBy(ContaminatedItem::task));
    var details = new StringBuilder();
    found(tasks).stream()
        .limit(TASKS_SHOWN)
        .forEach(task -> details.append(details(task.getKey(), byTask.get(task.getKey()))));
    return details.toString();
  }

  private static String details(String task, List<ContaminatedItem> items) {
    var shown = new StringBuilder();
    items.stream()
        .sorted(
            Comparator.comparingLong(ContaminatedItem::rows)
                .thenComparingDouble(ContaminatedItem::share)
                .reversed())
        .limit(ITEMS_SHOWN)
        .forEach(item -> shown.append(item(item)));
    return """
    <details><summary><b>%s</b><span class="count">%s</span>\
    <span class="why">the items that most rows hold</span></summary>
    <div class="example scroll"><table>
    <tr><th class="n">item</th><th class="n">rows</th><th>found</th><th>shared words</th>\
    <th>first row</th></tr>
    %s</table></div></details>
    """
        .formatted(escape(task), number(items.size()), shown);
  }

  private static String item(ContaminatedItem item) {
    String first =
        item.examples().stream()
            .findFirst()
            .map(
                row ->
                    "<code>%s</code> <span class=\"where\">%s, line %s</span>"
                        .formatted(escape(row.id()), escape(row.source()), number(row.line())))
            .orElse("");
    return """
    <tr><td class="n">%d</td><td class="n">%s</td><td>%s of the %s</td><td>%s</td><td>%s</td></tr>
    """
        .formatted(
            item.docId(),
            number(item.rows()),
            String.format(Locale.ROOT, "%.0f&nbsp;%%", 100 * item.share()),
            switch (item.kind()) {
              case QUESTION -> "question";
              case ANSWER -> "answer";
              case WHOLE -> "question, and its answer";
            },
            escape(item.evidence()),
            first);
  }
}
