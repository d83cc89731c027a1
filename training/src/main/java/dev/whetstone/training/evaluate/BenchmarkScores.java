package dev.whetstone.training.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.training.TrainConfig.Evaluate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Benchmarks of an adapter in the middle of its training, by the {@code eval} program: a process of
 * its own, for the rooms meet through folders only.
 *
 * @param launcher the {@code whetstone} script
 * @param model model folder
 */
public record BenchmarkScores(Path launcher, Path model, Evaluate asked) {
  /**
   * Scores an adapter.
   *
   * @param out folder for the result; one that is there is gone on with
   * @return by task and metric, such as {@code gsm8k/exact_match}
   */
  public Map<String, Double> of(Path adapter, Path out) {
    var command =
        new ArrayList<>(
            List.of(
                launcher.toString(),
                "eval",
                "--model",
                model.toString(),
                "--adapter",
                adapter.toString(),
                "--tasks",
                String.join(",", asked.tasks()),
                "--out",
                out.toString(),
                "--overwrite"));
    if (!asked.includePath().isEmpty()) {
      command.addAll(List.of("--include-path", asked.includePath()));
    }
    if (asked.limit() > 0) {
      command.addAll(List.of("--limit", Integer.toString(asked.limit())));
    }
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      int code = process.waitFor();
      if (code != 0) {
        throw new BadInputException(
            "train.evaluate.tasks: eval ended with code %d; its message is above. Try it alone: %s"
                .formatted(code, String.join(" ", command)));
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(launcher, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SurroundingsException("interrupted while benchmarks were scored", e);
    }
    return read(out);
  }

  private static Map<String, Double> read(Path out) {
    var scores = new TreeMap<String, Double>();
    try (var files = Files.newDirectoryStream(out, "results_*.json")) {
      for (Path file : files) {
        for (Map.Entry<String, JsonNode> task : Json.read(file).path("results").properties()) {
          for (Map.Entry<String, JsonNode> metric : task.getValue().properties()) {
            String name = metric.getKey();
            if (metric.getValue().isNumber() && !name.contains("_stderr")) {
              scores.put(
                  task.getKey() + "/" + name.replaceFirst(",none$", ""),
                  metric.getValue().asDouble());
            }
          }
        }
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(out, e);
    }
    return scores;
  }
}
