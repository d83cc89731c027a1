package dev.whetstone.artifacts.result;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Manifest;
import java.nio.file.Path;
import java.util.List;

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

  /** The whole results file, as lm-eval lays it out. */
  public JsonNode results() {
    throw new UnsupportedOperationException();
  }

  public List<String> tasks() {
    throw new UnsupportedOperationException();
  }

  /** The sample rows of a task in file order: filter-major, then documents. */
  public List<JsonNode> samples(String task) {
    throw new UnsupportedOperationException(task);
  }
}
