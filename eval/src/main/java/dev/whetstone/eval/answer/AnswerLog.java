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
import java.util.stream.IntStream;

/**
 * Answers in {@code answers.jsonl} of an unfinished result folder, one batch a line, forced to disk
 * as they are made: a run that was killed asks only for what is missing. A line that was cut off,
 * or belongs to other work, is passed over.
 */
public final class AnswerLog {
  private static final String FILE = "answers.jsonl";

  private final Path file;
  private final String stepId;
  private final Map<String, OfTask> known = new HashMap<>();

  /**
   * @param seconds that the batch took
   * @param answers by the index of their requests
   */
  private record Line(String id, String task, double seconds, Map<Integer, Answer> answers) {}

  /** The answers of one task. */
  public final class OfTask {
    private final String task;
    private final Map<Integer, Answer> answers = new HashMap<>();
    private double seconds;

    private OfTask(String task) {
      this.task = task;
    }

    boolean has(int request) {
      return answers.containsKey(request);
    }

    /** How many there are. */
    public int size() {
      return answers.size();
    }

    /** Time that was spent on them, by runs before this one too. */
    double seconds() {
      return seconds;
    }

    void add(Map<Integer, Answer> batch, double batchSeconds) {
      append(Json.line(new Line(stepId, task, batchSeconds, batch)) + "\n");
      put(batch, batchSeconds);
    }

    private void put(Map<Integer, Answer> batch, double batchSeconds) {
      answers.putAll(batch);
      seconds += batchSeconds;
    }

    /** The answers of requests [0, {@code requests}). */
    List<Answer> inOrder(int requests) {
      return IntStream.range(0, requests).mapToObj(answers::get).toList();
    }
  }

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
          of(line.task).put(line.answers, line.seconds);
        }
      } catch (JsonProcessingException e) {
        System.err.printf(
            "%s, line %d: cut off or damaged; its questions are asked again.%n", file, i + 1);
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

  /** Those of {@code task}, of which there may be none yet. */
  public OfTask of(String task) {
    return known.computeIfAbsent(task, OfTask::new);
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
