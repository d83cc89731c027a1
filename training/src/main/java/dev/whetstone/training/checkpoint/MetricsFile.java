package dev.whetstone.training.checkpoint;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.JsonLines;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;

/** {@code metrics.jsonl}: a line a step, appended as it happens. */
public record MetricsFile(Path file) {
  public void append(StepMetrics metrics) {
    try {
      Files.writeString(
          file,
          Json.line(metrics) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND,
          StandardOpenOption.DSYNC);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }

  public List<StepMetrics> all() {
    return JsonLines.read(file, StepMetrics.class);
  }

  /**
   * Keeps the first {@code steps} lines: those after a checkpoint are written again by the steps
   * that are taken again.
   */
  public void cut(int steps) {
    try {
      if (!Files.exists(file)) {
        return;
      }
      // A line may be torn by a kill: only the lines that stay are read.
      List<String> lines = Files.readAllLines(file);
      String kept =
          lines.stream().limit(steps).map(line -> line + "\n").collect(Collectors.joining());
      ArtifactFolder.writeAtomically(file, kept);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }
}
