package dev.whetstone.training.checkpoint;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Records that are appended as they happen, a JSON object a line.
 *
 * @param <T> the record
 */
public record LinesFile<T>(Path file, Class<T> type) {
  public void append(T value) {
    try {
      Files.writeString(
          file,
          Json.line(value) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND,
          StandardOpenOption.DSYNC);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }

  /** All of them, in order; none where there is no file. */
  public List<T> all() {
    return Files.exists(file) ? JsonLines.read(file, type) : List.of();
  }

  /**
   * Keeps the records from the start for as long as they are wanted: those after a checkpoint are
   * written again by the steps that are taken again. A line that a kill tore is not kept.
   */
  public void keepWhile(Predicate<T> wanted) {
    if (!Files.exists(file)) {
      return;
    }
    var kept = new ArrayList<T>();
    try {
      for (String line : Files.readAllLines(file)) {
        T value = Json.mapper().readValue(line, type);
        if (!wanted.test(value)) {
          break;
        }
        kept.add(value);
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException torn) {
      // what comes after a torn line is not wanted either
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
    ArtifactFolder.writeAtomically(
        file, kept.stream().map(value -> Json.line(value) + "\n").collect(Collectors.joining()));
  }
}
