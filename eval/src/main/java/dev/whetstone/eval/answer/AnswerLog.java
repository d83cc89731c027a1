package dev.whetstone.eval.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers of finished tasks in {@code answers.jsonl} of an unfinished result folder, one task a
 * line, forced to disk: a run that was killed asks only for what is missing. A line that was cut
 * off, or belongs to other work, is passed over.
 */
public final class AnswerLog {
  private static final String FILE = "answers.jsonl";

  private final Path file;
  private final String stepId;
  private final Map<String, TaskAnswers> known = new HashMap<>();

  private record Line(String id, String task, TaskAnswers answers) {}

  public AnswerLog(Path folder, String stepId) {
    this.file = folder.resolve(FILE);
    this.stepId = stepId;
    if (!Files.exists(file)) {
      return;
    }
    // Bytes may be cut within a character.
    String text = new String(bytes(), StandardCharsets.UTF_8);
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      try {
        Line line = Json.mapper().readValue(lines.get(i), Line.class);
        if (line.id.equals(stepId)) {
          known.put(line.task, line.answers);
        }
      } catch (JsonProcessingException e) {
        System.err.printf(
            "%s, line %d: cut off or damaged; its task is asked again.%n", file, i + 1);
      }
    }
    if (!text.isEmpty() && !text.endsWith("\n")) {
      append("\n");
    }
  }

  private byte[] bytes() {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
  }

  public Optional<TaskAnswers> find(String task) {
    return Optional.ofNullable(known.get(task));
  }

  public void add(String task, TaskAnswers answers) {
    append(Json.line(new Line(stepId, task, answers)) + "\n");
    known.put(task, answers);
  }

  private void append(String text) {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }

  /** The result holds all answers: the log is done. */
  public void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }
}
