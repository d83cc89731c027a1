package dev.whetstone.training.evaluate;

import dev.whetstone.artifacts.result.EvaluationProcess;
import dev.whetstone.artifacts.result.EvaluationProcess.Score;
import dev.whetstone.training.TrainConfig.Evaluate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Benchmarks of an adapter in the middle of its training, by the {@code eval} program.
 *
 * @param model model folder
 */
public record BenchmarkScores(Path model, Evaluate asked) {
  /**
   * Scores an adapter.
   *
   * @param out folder for the result; one that is there is gone on with
   * @return by task and metric, such as {@code gsm8k/exact_match}
   */
  public Map<String, Double> of(Path adapter, Path out) {
    var options =
        new ArrayList<>(
            List.of(
                "--model",
                model.toString(),
                "--adapter",
                adapter.toString(),
                "--tasks",
                String.join(",", asked.tasks()),
                "--overwrite"));
    if (!asked.includePath().isEmpty()) {
      options.addAll(List.of("--include-path", asked.includePath()));
    }
    if (asked.limit() > 0) {
      options.addAll(List.of("--limit", Integer.toString(asked.limit())));
    }
    var scores = new TreeMap<String, Double>();
    for (Score score :
        EvaluationProcess.run(
            options,
            out,
            code ->
                "train.evaluate.tasks: eval ended with exit code %d, as told above. Try it alone: whetstone eval %s"
                    .formatted(code, String.join(" ", options)))) {
      scores.put(score.task() + "/" + score.metric(), score.value());
    }
    return scores;
  }
}
