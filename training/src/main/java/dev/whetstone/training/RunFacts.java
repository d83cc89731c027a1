package dev.whetstone.training;

import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.models.engine.TrainableModel.Parameter;
import dev.whetstone.training.plan.TrainingRows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a finished run is known by.
 *
 * @param metrics of every step, in order
 * @param rows what was trained on
 * @param validationBefore mean loss on a few validation packs before the first step, nats
 * @param validationAfter after the last
 * @param peakMemoryBytes most memory that the process has held, 0 where the system does not tell
 * @param parameters trained ones
 */
public record RunFacts(
    List<StepMetrics> metrics,
    TrainingRows rows,
    OptionalDouble validationBefore,
    OptionalDouble validationAfter,
    long peakMemoryBytes,
    List<Parameter> parameters) {
  public RunFacts {
    metrics = List.copyOf(metrics);
    parameters = List.copyOf(parameters);
  }

  public StepMetrics last() {
    return metrics.get(metrics.size() - 1);
  }

  public long trainedParameters() {
    return parameters.stream().mapToLong(parameter -> parameter.value().size()).sum();
  }

  public long targets() {
    return metrics.stream().mapToLong(StepMetrics::targets).sum();
  }

  /** Share of the packs' room that holds tokens. */
  public double fill() {
    return (double) rows.tokens() / ((double) rows.packs().size() * rows.length());
  }

  Map<String, Object> counts() {
    var counts = new LinkedHashMap<String, Object>();
    counts.put("steps", last().step());
    counts.put("tokens", last().tokens());
    counts.put("targets", targets());
    counts.put("packs", rows.packs().size());
    counts.put("pack_length", rows.length());
    counts.put("trained_parameters", trainedParameters());
    counts.put("train_seconds", last().seconds());
    counts.put("tokens_per_second", last().tokens() / last().seconds());
    counts.put("peak_memory_bytes", peakMemoryBytes);
    validationBefore.ifPresent(loss -> counts.put("validation_loss_before", loss));
    validationAfter.ifPresent(loss -> counts.put("validation_loss_after", loss));
    return counts;
  }
}
