package dev.whetstone.artifacts.result;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.JsonLines;
import dev.whetstone.artifacts.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An evaluation's result in lm-eval's files: one {@code results_<date>.json} and a {@code
 * samples_<task>_<date>.jsonl} per task, with {@code samples.arrow} (per-token log-probabilities)
 * and {@code manifest.json} beside them.
 *
 * <p>The manifest's lineage ends with the model and, where one was used, the adapter.
 */
public record ResultFolder(Path path, Manifest manifest) {
  public static final String FORMAT = "whetstone.result/1";

  public static ResultFolder open(Path folder) {
    return new ResultFolder(folder, Manifest.read(folder, FORMAT));
  }

  /**
   * The whole results file, as lm-eval lays it out; {@code NaN} is a number in it.
   *
   * @throws BadInputException if there is not exactly one {@code results_*.json}, or it lacks
   *     {@code results}
   */
  public JsonNode results() {
    Path file = only("results_", ".json");
    JsonNode results = Json.read(file);
    if (!results.path("results").isObject()) {
      throw new BadInputException(
          file + ": expected \"results\" with an object for each task, found none.");
    }
    return results;
  }

  /** Tasks that have samples, by name. Groups, which only have a mean, are not among them. */
  public List<String> tasks() {
    var tasks = new ArrayList<String>();
    results().path("results").fieldNames().forEachRemaining(tasks::add);
    return tasks.stream().filter(task -> !samplesFiles(task).isEmpty()).sorted().toList();
  }

  /**
   * The sample rows of a task in file order: filter-major, then documents.
   *
   * @throws BadInputException if the task has no samples file, or one of its lines is not JSON
   */
  public List<JsonNode> samples(String task) {
    List<Path> files = samplesFiles(task);
    if (files.size() != 1) {
      throw new BadInputException(
          "%s: expected one samples_%s_<date>.jsonl, found %d; tasks with samples: %s."
              .formatted(path, task, files.size(), String.join(", ", tasks())));
    }
    return JsonLines.read(files.get(0), JsonNode.class);
  }

  /** Per-token log-probabilities; {@link TokenLogProbs} names its columns. */
  public Path tokenLogProbs() {
    return path.resolve(TokenLogProbs.FILE);
  }

  private List<Path> samplesFiles(String task) {
    // The date holds no underscore, so a task whose name begins like another's is told apart.
    String pattern = "samples_" + Pattern.quote(task) + "_[^_]+\\.jsonl";
    return files().stream().filter(file -> file.getFileName().toString().matches(pattern)).toList();
  }

  private Path only(String prefix, String suffix) {
    List<Path> found =
        files().stream()
            .filter(
                file -> {
                  String name = file.getFileName().toString();
                  return name.startsWith(prefix) && name.endsWith(suffix);
                })
            .toList();
    if (found.size() != 1) {
      throw new BadInputException(
          "%s: expected one %s<date>%s, found %d. Evaluate again."
              .formatted(path, prefix, suffix, found.size()));
    }
    return found.get(0);
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(path)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw InputFile.unreadable(path, "a folder", e);
    }
  }
}
