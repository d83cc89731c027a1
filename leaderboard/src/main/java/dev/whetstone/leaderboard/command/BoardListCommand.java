package dev.whetstone.leaderboard.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.leaderboard.verdict.Estimate;
import dev.whetstone.leaderboard.verdict.Policy;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code board list}: what is on the board. */
@Command(
    name = "list",
    description = "Prints the results on the board with their scores.",
    mixinStandardHelpOptions = true)
final class BoardListCommand implements Callable<Integer> {
  private static final String ROW = "%-32s %-20s %7s %-24s %9s %-19s %6s%n";

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Mixin private BoardOption board;

  @Override
  public Integer call() {
    List<Entry> entries = board.open().entries();
    if (json) {
      System.out.print(Json.pretty(asJson(entries)));
      return 0;
    }
    if (entries.isEmpty()) {
      System.err.println("the board is empty; add a result: whetstone board add RESULT");
      return 0;
    }
    System.out.printf(ROW, "name", "task", "prompt", "metric", "score", "95 % interval", "n");
    for (Entry entry : entries) {
      for (TaskResult result : entry.tasks()) {
        Estimate estimate = Estimate.of(result, result.primaryMetric(), Policy.BOARD.confidence());
        System.out.printf(
            ROW,
            entry.name(),
            result.task(),
            result.shots() + "-shot",
            result.primary(),
            estimate.value().isPresent() ? decimal(estimate.value().getAsDouble()) : "undefined",
            estimate.interval().map(i -> decimal(i.low()) + " to " + decimal(i.high())).orElse("–"),
            estimate.n());
      }
    }
    return 0;
  }

  private static ArrayNode asJson(List<Entry> entries) {
    ArrayNode all = Json.mapper().createArrayNode();
    for (Entry entry : entries) {
      for (TaskResult result : entry.tasks()) {
        Estimate estimate = Estimate.of(result, result.primaryMetric(), Policy.BOARD.confidence());
        ObjectNode one = all.addObject();
        one.put("name", entry.name());
        one.put("base", entry.model().baseName());
        one.put("is_adapter", !entry.model().isBase());
        one.put("content", entry.content());
        one.put("task", result.task());
        one.put("shots", result.shots());
        one.put("metric", result.primary());
        one.put("value", estimate.value().stream().boxed().findFirst().orElse(null));
        one.put("low", estimate.interval().map(i -> i.low()).orElse(null));
        one.put("high", estimate.interval().map(i -> i.high()).orElse(null));
        one.put("documents", estimate.n());
      }
    }
    return all;
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
