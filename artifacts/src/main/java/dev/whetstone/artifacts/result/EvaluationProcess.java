package dev.whetstone.artifacts.result;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.command.Commands;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The {@code eval} program as a process of its own, for rooms that meet it through folders only. It
 * ends with the process that started it, however that ends.
 */
public final class EvaluationProcess {
  private EvaluationProcess() {}

  /**
   * A metric of a task.
   *
   * @param metric without the name of its filter where that is {@code none}, such as {@code acc}
   */
  public record Score(String task, String metric, double value) {}

  /**
   * Runs an evaluation to its end; what it says goes to standard error.
   *
   * @param options of {@code eval} but for {@code --out}
   * @param result folder that it writes
   * @param failed the sentence for an exit code that is not 0
   * @return every metric, without standard errors
   * @throws BadInputException with that sentence
   * @throws SurroundingsException if it cannot be started
   */
  public static List<Score> run(List<String> options, Path result, IntFunction<String> failed) {
    var command =
        new ArrayList<>(List.of(System.getProperty("whetstone.launcher", "whetstone"), "eval"));
    command.addAll(options);
    command.addAll(List.of("--out", result.toString()));
    var builder =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put(Commands.PARENT, Long.toString(ProcessHandle.current().pid()));
    try {
      int code = builder.start().waitFor();
      if (code != 0) {
        throw new BadInputException(failed.apply(code));
      }
    } catch (IOException e) {
      throw new SurroundingsException(
          "%s cannot be started (%s).".formatted(command.get(0), e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while eval ran", e);
    }
    return scores(ResultFolder.open(result).results().get("results"));
  }

  private static List<Score> scores(JsonNode results) {
    var scores = new ArrayList<Score>();
    for (Map.Entry<String, JsonNode> task : results.properties()) {
      for (Map.Entry<String, JsonNode> metric : task.getValue().properties()) {
        String name = metric.getKey();
        if (name.contains(",") && !name.contains("_stderr") && metric.getValue().isNumber()) {
          scores.add(
              new Score(
                  task.getKey(), name.replaceFirst(",none$", ""), metric.getValue().doubleValue()));
        }
      }
    }
    return scores;
  }
}
