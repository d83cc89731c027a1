package dev.whetstone.leaderboard.schedule;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.leaderboard.job.JobRun.Child;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code whetstone eval} as a process. Both its outputs are appended to a log beside its result
 * folder, so that it never waits for a reader and a killed server loses nothing of them.
 */
final class EvaluationProcess {
  /** Long enough for an evaluation to write down what it has. */
  static final Duration ORDERLY_END = Duration.ofSeconds(30);

  private static final String SPEAKER = "whetstone: ";
  private static final int MAX_SENTENCE = 400;

  /** A process' start is told to a second or a tick of the clock, depending on the system. */
  private static final Duration START_TOLERANCE = Duration.ofSeconds(2);

  private final Process process;
  private final Path log;

  private EvaluationProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts an evaluation.
   *
   * @param launcher the {@code whetstone} script
   * @param directory the working directory
   * @param secrets names of environment variables that are none of the evaluation's business
   * @throws SurroundingsException if it cannot be started
   */
  static EvaluationProcess start(
      Path launcher,
      Path directory,
      List<String> arguments,
      Path out,
      Path log,
      List<String> secrets) {
    var command = new ArrayList<String>();
    command.add(requireNonNull(launcher, "launcher is null").toString());
    command.add("eval");
    command.addAll(arguments);
    command.addAll(List.of("--out", out.toString()));
    try {
      Files.createDirectories(log.getParent());
      var builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      secrets.forEach(builder.environment()::remove);
      Process process = builder.start();
      process.getOutputStream().close(); // nothing asks a question
      return new EvaluationProcess(process, log);
    } catch (IOException e) {
      throw new SurroundingsException(
          "%s: cannot be started in %s (%s).".formatted(launcher, directory, e.getMessage()), e);
    }
  }

  Child child() {
    return new Child(
        process.pid(),
        process.info().startInstant().orElseGet(Instant::now).truncatedTo(ChronoUnit.MILLIS));
  }

  /** Waits for its end. */
  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  /** Asks it to end in order, and makes it end if it does not. */
  void end() {
    end(process.toHandle());
  }

  /**
   * Ends what a killed server left behind; another process that was given its number is not
   * touched.
   */
  static boolean endOrphan(Child child) {
    Optional<ProcessHandle> found =
        ProcessHandle.of(child.pid()).filter(handle -> isSame(handle, child));
    found.ifPresent(EvaluationProcess::end);
    return found.isPresent();
  }

  private static boolean isSame(ProcessHandle handle, Child child) {
    return handle.isAlive()
        && handle
            .info()
            .startInstant()
            .map(start -> Duration.between(start, child.started()).abs())
            .filter(apart -> apart.compareTo(START_TOLERANCE) <= 0)
            .isPresent();
  }

  private static void end(ProcessHandle handle) {
    List<ProcessHandle> all = new ArrayList<>(handle.descendants().toList());
    all.add(handle);
    all.forEach(ProcessHandle::destroy);
    long deadline = System.nanoTime() + ORDERLY_END.toNanos();
    for (ProcessHandle one : all) {
      try {
        one.onExit().get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException | ExecutionException e) {
        one.destroyForcibly();
        one.onExit().join();
      } catch (InterruptedException e) {
        one.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The last thing it said of itself, else its last line; one line of bounded length. */
  String lastSentence() {
    String last = "";
    try {
      for (String line : new String(tail(), StandardCharsets.UTF_8).lines().toList()) {
        if (line.startsWith(SPEAKER)) {
          last = line;
        } else if (!line.isBlank() && !last.startsWith(SPEAKER)) {
          last = line;
        }
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(log, e);
    }
    String sentence = last.replaceFirst("^" + SPEAKER, "").replaceAll("\\p{Cntrl}", " ").strip();
    return sentence.length() <= MAX_SENTENCE
        ? sentence
        : sentence.substring(0, MAX_SENTENCE - 1) + "…";
  }

  private byte[] tail() throws IOException {
    int wanted = 16_384;
    try (var in = Files.newInputStream(log)) {
      in.skipNBytes(Math.max(0, Files.size(log) - wanted));
      return in.readNBytes(wanted);
    }
  }
}
