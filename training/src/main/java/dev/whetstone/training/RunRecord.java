package dev.whetstone.training;

import dev.whetstone.artifacts.run.RunFolder;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.checkpoint.LinesFile;
import dev.whetstone.training.evaluate.Evaluation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a run has written down of itself: {@code metrics.jsonl} and {@code evaluations.jsonl}. */
final class RunRecord {
  private final LinesFile<StepMetrics> metricsFile;
  private final LinesFile<Evaluation> evaluationsFile;
  private final List<StepMetrics> metrics = new ArrayList<>();
  private final List<Evaluation> evaluations = new ArrayList<>();

  RunRecord(Path run) {
    metricsFile = new LinesFile<>(run.resolve(RunFolder.METRICS), StepMetrics.class);
    evaluationsFile = new LinesFile<>(run.resolve(RunFolder.EVALUATIONS), Evaluation.class);
  }

  /** Reads what there is up to a step, and forgets what came after it. */
  void cutBackTo(int step) {
    metricsFile.keepWhile(each -> each.step() <= step);
    evaluationsFile.keepWhile(each -> each.step() <= step);
    metrics.clear();
    evaluations.clear();
    metrics.addAll(metricsFile.all());
    evaluations.addAll(evaluationsFile.all());
  }

  void add(StepMetrics step) {
    metricsFile.append(step);
    metrics.add(step);
  }

  void add(Evaluation evaluation) {
    evaluationsFile.append(evaluation);
    evaluations.add(evaluation);
  }

  List<StepMetrics> metrics() {
    return List.copyOf(metrics);
  }

  List<Evaluation> evaluations() {
    return List.copyOf(evaluations);
  }
}
