package dev.whetstone.eval.result;

import dev.whetstone.statistics.Interval;
import dev.whetstone.statistics.Mean;
import dev.whetstone.statistics.Wilson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Scores with 95 % intervals, as text for people. */
public final class ScoreTable {
  private static final double CONFIDENCE = 0.95;

  private ScoreTable() {}

  /** One line a metric, columns aligned, no line break at the end. */
  public static String of(List<TaskResult> results) {
    var lines = new ArrayList<List<String>>();
    lines.add(List.of("task", "n", "metric", "value", "95 % interval"));
    for (TaskResult result : results) {
      for (String key : result.scores().keySet()) {
        Mean mean = result.mean(key);
        String interval =
            interval(result.scores().get(key), mean)
                .map(i -> String.format(Locale.ROOT, "%.4f to %.4f", i.low(), i.high()))
                .orElse("unknown");
        lines.add(
            List.of(
                result.task().name(),
                Long.toString(mean.n()),
                key,
                String.format(Locale.ROOT, "%.4f", mean.value()),
                interval));
      }
    }
    return aligned(lines);
  }

  /** Wilson's for scores of 0 and 1, else Student's of the mean. */
  private static Optional<Interval> interval(List<Number> scores, Mean mean) {
    long ones = scores.stream().filter(score -> score.doubleValue() == 1).count();
    long zeros = scores.stream().filter(score -> score.doubleValue() == 0).count();
    return ones + zeros == scores.size()
        ? Optional.of(Wilson.interval(ones, scores.size(), CONFIDENCE))
        : mean.interval(CONFIDENCE);
  }

  private static String aligned(List<List<String>> lines) {
    var text = new ArrayList<String>();
    for (List<String> line : lines) {
      var cells = new StringBuilder();
      for (int c = 0; c < line.size(); c++) {
        int column = c;
        int width = lines.stream().mapToInt(other -> other.get(column).length()).max().orElse(0);
        cells.append(c == 0 ? "" : " | ").append(line.get(c));
        cells.append(" ".repeat(c + 1 < line.size() ? width - line.get(c).length() : 0));
      }
      text.add(cells.toString());
    }
    return String.join("\n", text);
  }
}
