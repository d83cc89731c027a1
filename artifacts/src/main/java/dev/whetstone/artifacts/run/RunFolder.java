package dev.whetstone.artifacts.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.whetstone.artifacts.JsonLines;
import dev.whetstone.artifacts.Manifest;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A training run: {@code run.json} (configuration), {@code metrics.jsonl}, {@code
 * checkpoints/step-N/}, {@code adapter/}, {@code report.html}, {@code manifest.json}.
 */
public record RunFolder(Path path, Manifest manifest) {
  public static final String FORMAT = "whetstone.run/1";

  /** What was measured on the validation split during the run, a JSON object a line. */
  public static final String EVALUATIONS = "evaluations.jsonl";

  /** One {@link StepMetrics} a line. */
  public static final String METRICS = "metrics.jsonl";

  /**
   * One optimizer step, a line of {@code metrics.jsonl}.
   *
   * @param step from 1
   * @param lossNats summed loss over targets, divided once
   * @param gradNorm global L2 norm before clipping
   * @param learningRate that of this step
   * @param tokens tokens fed so far, no padding counted
   * @param targets targets of this step
   * @param seconds wall time since the run began, resumes added up
   * @param tokensPerSecond of this step
   * @param more what an objective tells beside its loss, by name, such as {@code margin}
   */
  public record StepMetrics(
      int step,
      double lossNats,
      double gradNorm,
      double learningRate,
      long tokens,
      long targets,
      double seconds,
      double tokensPerSecond,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Double> more) {
    public StepMetrics {
      more = more == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(more));
    }
  }

  public static RunFolder open(Path folder) {
    return new RunFolder(folder, Manifest.read(folder, FORMAT));
  }

  /** The finished adapter, a folder of its own. */
  public Path adapter() {
    return path.resolve("adapter");
  }

  /** All optimizer steps in order. */
  public List<StepMetrics> metrics() {
    return JsonLines.read(path.resolve(METRICS), StepMetrics.class);
  }
}
