package dev.whetstone.workbench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an exported board says, in a few lines for a terminal: each result with its interval, then
 * the verdicts.
 *
 * @param rows one line a result and metric
 * @param verdicts sentences of the board
 */
record BoardSummary(List<String> rows, List<String> verdicts) {
  BoardSummary {
    rows = List.copyOf(rows);
    verdicts = List.copyOf(verdicts);
  }

  /** Reads {@code api/board.json} of a site. */
  static BoardSummary read(Path file) {
    List<String> rows = new ArrayList<>();
    List<String> verdicts = new ArrayList<>();
    for (JsonNode who : Json.read(file).path("contenders")) {
      String name = who.path("name").asText();
      for (JsonNode result : who.path("results")) {
        for (JsonNode metric : result.path("metrics")) {
          rows.add(row(name, result, metric));
        }
        String sentence = result.path("verdict").path("sentence").asText();
        if (!sentence.isEmpty()) {
          verdicts.add("%s, %s: %s".formatted(name, result.path("task").asText(), sentence));
        }
      }
    }
    return new BoardSummary(rows, verdicts);
  }

  private static String row(String name, JsonNode result, JsonNode metric) {
    return String.format(
        Locale.ROOT,
        "%-32s %-9s %-6s %-28s %7s  [%s, %s]  n = %d",
        name,
        result.path("task").asText(),
        result.path("shots").asInt() + "-shot",
        metric.path("metric").asText(),
        number(metric.path("value")),
        number(metric.path("low")),
        number(metric.path("high")),
        result.path("documents").asInt());
  }

  /** A share in percent; "?" where it is undefined. */
  private static String number(JsonNode share) {
    return share.isNumber() ? String.format(Locale.ROOT, "%.1f", 100 * share.asDouble()) : "?";
  }

  void print(PrintStream to) {
    to.println();
    to.println("Results in percent, with 95 % intervals:");
    rows.forEach(to::println);
    to.println();
    verdicts.forEach(to::println);
  }
}
