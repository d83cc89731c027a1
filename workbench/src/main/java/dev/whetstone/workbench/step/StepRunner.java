package dev.whetstone.workbench.step;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs the steps of one story in order, says what it does, and leaves out what is done already. Not
 * thread-safe.
 */
public final class StepRunner {
  /** Longer than the rooms wait between two lines of their own, shorter than people do. */
  static final Duration SILENCE = Duration.ofSeconds(12);

  private record Timing(String name, double seconds, Duration budget, boolean reused) {}

  private final Path launcher;
  private final int total;
  private final PrintStream err;
  private final Duration silence;
  private final StepLog log;
  private final List<Timing> timings = new ArrayList<>();

  /**
   * A runner that starts commands by the launcher that started this JVM.
   *
   * @param out the story's folder; {@code steps.json} is kept there
   * @param total number of steps, for "3/8"
   * @throws BadInputException if this JVM was not started by the launcher
   */
  public static StepRunner of(Path out, int total) {
    String launcher = System.getProperty("whetstone.launcher", "");
    if (launcher.isEmpty()) {
      throw new BadInputException(
          "expected to be started by the whetstone script, which starts the steps; found no"
              + " -Dwhetstone.launcher. Run ./whetstone run or ./whetstone quickstart.");
    }
    return new StepRunner(Path.of(launcher), out, total, System.err, SILENCE);
  }

  StepRunner(Path launcher, Path out, int total, PrintStream err, Duration silence) {
    this.launcher = launcher;
    this.total = total;
    this.err = err;
    this.silence = silence;
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(out, e);
    }
    this.log = new StepLog(out.resolve("steps.json"));
  }

  /**
   * Runs {@code step}, or finds that the same work is done.
   *
   * @return the one line that the command printed: what it made
   * @throws StepFailedException if it ends with another code than 0
   */
  public Path run(Step step) {
    announce(step.name());
    long started = System.nanoTime();
    Optional<String> work = StepLog.work(step);
    Optional<Path> done = log.output(step, work);
    if (done.isPresent()) {
      ended(step, started, true);
      return done.get();
    }
    step.replaced().forEach(StepRunner::delete);
    Path output = start(step);
    log.put(step, work, output);
    ended(step, started, false);
    return output;
  }

  /** A step that is so short that it needs no process. */
  public <T> T here(String name, Duration budget, Supplier<T> work) {
    announce(name);
    long started = System.nanoTime();
    T result = work.get();
    ended(new Step(name, List.of(name), List.of(), List.of(), budget), started, false);
    return result;
  }

  private void announce(String name) {
    err.printf("%d/%d %s%n", timings.size() + 1, total, name);
  }

  private Path start(Step step) {
    List<String> command = new ArrayList<>();
    command.add(launcher.toString());
    command.addAll(step.arguments());
    StepProcess.Ended ended = new StepProcess(step.name(), err, silence).run(command);
    String typed = "whetstone " + String.join(" ", step.arguments());
    if (ended.exitCode() != 0) {
      throw new StepFailedException(
          "step %s ended with exit code %d; the same command by itself: %s"
              .formatted(step.name(), ended.exitCode(), typed),
          ended.exitCode());
    }
    if (ended.lines().size() != 1) {
      throw new IllegalStateException(
          "step %s must print one line, what it made; it printed %d: %s"
              .formatted(step.name(), ended.lines().size(), typed));
    }
    return Path.of(ended.lines().get(0));
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }

  private void ended(Step step, long started, boolean reused) {
    var timing =
        new Timing(step.name(), (System.nanoTime() - started) / 1e9, step.budget(), reused);
    timings.add(timing);
    err.printf(
        Locale.ROOT,
        "%d/%d %s: %s%.1f s%n",
        timings.size(),
        total,
        step.name(),
        reused ? "unchanged, reused, " : "done in ",
        timing.seconds());
  }

  /** The seconds of each step, beside its budget where one is promised, and the sum. */
  public void printTimings() {
    boolean promised = timings.stream().anyMatch(timing -> !timing.budget().isZero());
    err.printf(Locale.ROOT, "%n%-22s %9s%s%n", "step", "seconds", promised ? "    budget" : "");
    double seconds = 0;
    Duration budget = Duration.ZERO;
    for (Timing timing : timings) {
      err.println(line(timing));
      seconds += timing.seconds();
      budget = budget.plus(timing.budget());
    }
    err.println(line(new Timing("all", seconds, budget, false)));
  }

  private static String line(Timing timing) {
    boolean promised = !timing.budget().isZero();
    boolean over = promised && timing.seconds() > timing.budget().toSeconds();
    return String.format(
            Locale.ROOT,
            "%-22s %9.1f %9s%s",
            timing.name(),
            timing.seconds(),
            promised ? Long.toString(timing.budget().toSeconds()) : "",
            timing.reused() ? "  unchanged, reused" : over ? "  over its budget" : "")
        .stripTrailing();
  }
}
