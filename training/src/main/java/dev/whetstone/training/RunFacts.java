package dev.whetstone.training;

import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.loop.Work;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a run is known by.
 *
 * @param metrics of every step, in order
 * @param evaluations in order
 * @param examples packs, pairs or labelled rows of the training split
 * @param length tokens that a pack can hold; 0 where there are no packs
 * @param plannedMemoryBytes what was predicted before
 * @param peakMemoryBytes most memory that the process has held, or that is held of a GPU's; 0 where
 *     the system does not tell
 * @param utilization share of the device's operations that the run needed
 * @param trainedParameters how many numbers are trained
 * @param bestStep the step whose adapter is the run's
 */
public record RunFacts(
    List<StepMetrics> metrics,
    List<Evaluation> evaluations,
    int examples,
    int length,
    long plannedMemoryBytes,
    long peakMemoryBytes,
    double utilization,
    long trainedParameters,
    int bestStep) {
  public RunFacts {
    metrics = List.copyOf(metrics);
    evaluations = List.copyOf(evaluations);
  }

  static long tokens(Work work) {
    return IntStream.range(0, work.examples()).mapToLong(work::tokens).sum();
  }

  public StepMetrics last() {
    return metrics.get(metrics.size() - 1);
  }

  public long targets() {
    return metrics.stream().mapToLong(StepMetrics::targets).sum();
  }

  Map<String, Object> counts() {
    var counts = new LinkedHashMap<String, Object>();
    counts.put("steps", last().step());
    counts.put("tokens", last().tokens());
    counts.put("targets", targets());
    counts.put(length == 0 ? "examples" : "packs", examples);
    if (length > 0) {
      counts.put("pack_length", length);
    }
    counts.put("trained_parameters", trainedParameters);
    counts.put("train_seconds", last().seconds());
    counts.put("tokens_per_second", last().tokens() / last().seconds());
    counts.put("planned_memory_bytes", plannedMemoryBytes);
    counts.put("peak_memory_bytes", peakMemoryBytes);
    counts.put("model_flops_utilization", utilization);
    counts.put("best_step", bestStep);
    if (!evaluations.isEmpty()) {
      counts.put("validation_loss_before", evaluations.get(0).lossNats());
      counts.put("validation_loss_after", evaluations.get(evaluations.size() - 1).lossNats());
    }
    return counts;
  }
}
