package dev.whetstone.leaderboard.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.leaderboard.entry.Exposure;
import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.Publishing;
import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.entry.TaskResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** One task out of lm-evaluation-harness' files. */
final class TaskReader {
  private static final String STANDARD_ERROR = "_stderr";

  private TaskReader() {}

  /**
   * @param trainedOn what the datasets allow that the model was trained on
   */
  static TaskResult read(
      Path folder, JsonNode file, String task, List<JsonNode> rows, Publish trainedOn) {
    JsonNode config = file.path("configs").path(task);
    List<Metric> metrics = metrics(file, task);
    if (metrics.isEmpty() || rows.isEmpty()) {
      throw new BadInputException(
          "%s, task %s: expected metrics and samples, found %d metrics and %d samples."
              .formatted(folder, task, metrics.size(), rows.size()));
    }
    String primary = primary(config, metrics);
    return new TaskResult(
        task,
        file.path("versions").path(task).asText(""),
        Math.max(0, file.path("n-shot").path(task).asInt(0)),
        file.path("task_hashes").path(task).asText(""),
        primary,
        config.isMissingNode() ? Json.mapper().createObjectNode() : config,
        new Publishing(allowed(folder, task, config), trainedOn),
        metrics,
        samples(folder, task, rows, primary));
  }

  private static Publish allowed(Path folder, String task, JsonNode config) {
    try {
      return Permissions.ofTask(config);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "%s, task %s: metadata: %s.".formatted(folder, task, e.getMessage()), e);
    }
  }

  private static List<Metric> metrics(JsonNode file, String task) {
    JsonNode values = file.path("results").path(task);
    JsonNode directions = file.path("higher_is_better").path(task);
    var metrics = new ArrayList<Metric>();
    for (Map.Entry<String, JsonNode> field : values.properties()) {
      int comma = field.getKey().indexOf(',');
      if (comma < 0 || field.getKey().substring(0, comma).endsWith(STANDARD_ERROR)) {
        continue;
      }
      String name = field.getKey().substring(0, comma);
      JsonNode error = values.path(name + STANDARD_ERROR + field.getKey().substring(comma));
      metrics.add(
          new Metric(
              field.getKey(),
              number(field.getValue()),
              number(error),
              directions.path(name).asBoolean(true)));
    }
    return metrics;
  }

  private static OptionalDouble number(JsonNode node) {
    return node.isNumber() && Double.isFinite(node.asDouble())
        ? OptionalDouble.of(node.asDouble())
        : OptionalDouble.empty();
  }

  private static String primary(JsonNode config, List<Metric> metrics) {
    String first = config.at("/metric_list/0/metric").asText("");
    return metrics.stream()
        .filter(metric -> metric.name().equals(first))
        .findFirst()
        .orElse(metrics.get(0))
        .key();
  }

  /** A document has a row per filter: scores of all, text of the filter that ranks. */
  private static List<Sample> samples(
      Path folder, String task, List<JsonNode> rows, String primary) {
    String filter = primary.substring(primary.indexOf(',') + 1);
    var texts = new LinkedHashMap<Long, JsonNode>();
    var scores = new TreeMap<Long, Map<String, Double>>();
    for (JsonNode row : rows) {
      if (!row.path("doc_id").isIntegralNumber()) {
        throw new BadInputException(
            "%s, task %s: expected a whole doc_id in every sample, found %s."
                .formatted(folder, task, row.path("doc_id")));
      }
      long document = row.path("doc_id").asLong();
      String rowFilter = row.path("filter").asText("none");
      if (rowFilter.equals(filter) || !texts.containsKey(document)) {
        texts.put(document, row);
      }
      Map<String, Double> own = scores.computeIfAbsent(document, d -> new TreeMap<>());
      for (JsonNode metric : row.path("metrics")) {
        JsonNode value = row.path(metric.asText());
        if (value.isBoolean()) {
          own.put(metric.asText() + "," + rowFilter, value.asBoolean() ? 1.0 : 0.0);
        } else {
          number(value).ifPresent(v -> own.put(metric.asText() + "," + rowFilter, v));
        }
      }
    }
    var samples = new ArrayList<Sample>();
    texts.forEach((document, row) -> samples.add(sample(document, row, scores.get(document))));
    return samples;
  }

  private static Sample sample(long document, JsonNode row, Map<String, Double> scores) {
    String target = row.path("target").asText("");
    return new Sample(
        document,
        hash(row, "doc_hash", row.path("doc")),
        hash(row, "target_hash", row.path("target")),
        text(row.at("/arguments/gen_args_0/arg_0")),
        Choices.isChoice(row) ? Choices.target(row, target) : target,
        Choices.isChoice(row) ? Choices.chosen(row) : text(row.at("/filtered_resps/0")),
        scores,
        Exposure.UNCHECKED);
  }

  private static String hash(JsonNode row, String key, JsonNode content) {
    String given = row.path(key).asText("");
    return given.isEmpty() ? ContentHash.of(key).addJson(content).finish() : given;
  }

  private static String text(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return "";
    }
    return node.isTextual() ? node.asText() : node.toString();
  }
}
