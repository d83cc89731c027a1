package dev.whetstone.leaderboard.entry;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * One task of one result.
 *
 * @param version the task's version as its author wrote it; empty if unknown
 * @param shots examples in the prompt
 * @param taskHash lm-evaluation-harness' hash of all documents, prompts and targets; empty if not
 *     logged
 * @param primary key of the metric that ranks: the first of the task's {@code metric_list}
 * @param config the task's configuration as the result file has it
 * @param publishing how much others may see
 * @param samples in file order, one per document
 */
public record TaskResult(
    String task,
    String version,
    int shots,
    String taskHash,
    String primary,
    JsonNode config,
    Publishing publishing,
    List<Metric> metrics,
    List<Sample> samples) {
  public TaskResult {
    requireNonNull(task, "task is null");
    requireNonNull(version, "version is null");
    requireNonNull(taskHash, "taskHash is null");
    requireNonNull(config, "config is null");
    requireNonNull(publishing, "publishing is null");
    if (shots < 0) {
      throw new IllegalArgumentException("shots must be >= 0: " + shots);
    }
    metrics = List.copyOf(metrics);
    samples = List.copyOf(samples);
    if (metrics.stream().noneMatch(metric -> metric.key().equals(primary))) {
      throw new IllegalArgumentException(task + ": the primary metric is unknown: " + primary);
    }
  }

  public TaskResult withSamples(List<Sample> changed) {
    return new TaskResult(
        task, version, shots, taskHash, primary, config, publishing, metrics, changed);
  }

  /** How many documents have this exposure. */
  public long count(Exposure exposure) {
    return samples.stream().filter(sample -> sample.exposure() == exposure).count();
  }

  public Metric primaryMetric() {
    return metric(primary).orElseThrow();
  }

  public Optional<Metric> metric(String key) {
    return metrics.stream().filter(metric -> metric.key().equals(key)).findFirst();
  }

  /** Every document's score of a metric, in file order; empty unless every document has one. */
  public Optional<double[]> scores(String key) {
    double[] scores =
        samples.stream()
            .filter(sample -> sample.scores().containsKey(key))
            .mapToDouble(sample -> sample.scores().get(key))
            .toArray();
    return scores.length == samples.size() && scores.length > 0
        ? Optional.of(scores)
        : Optional.empty();
  }
}
