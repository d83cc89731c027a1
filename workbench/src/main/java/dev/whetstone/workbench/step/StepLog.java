package dev.whetstone.workbench.step;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code steps.json}: what each step did last, so that it need not be started again. The rooms know
 * for themselves when their work is done already; this only saves their start. A lost or foreign
 * file therefore costs time and no more.
 */
final class StepLog {
  /**
   * @param work hash of the command line, the inputs and the product's version
   * @param output what the command printed
   * @param content {@link Fingerprint} of the output
   */
  record Done(String work, String output, String content) {}

  private record Steps(String format, Map<String, Done> steps) {}

  private static final String FORMAT = "whetstone.steps/1";

  private final Path file;
  private final Map<String, Done> steps = new TreeMap<>();

  StepLog(Path file) {
    this.file = file;
    if (Files.isRegularFile(file)) {
      try {
        Steps read = Json.read(file, Steps.class);
        if (FORMAT.equals(read.format()) && read.steps() != null) {
          steps.putAll(read.steps());
        }
      } catch (BadInputException e) {
        System.err.println("steps: " + e.getMessage() + " Every step is started again.");
      }
    }
  }

  /**
   * Names the work of {@code step}, or nothing where it cannot be told whether it is the same: an
   * input is missing, or the program was built from changed sources.
   */
  static Optional<String> work(Step step) {
    if ("true".equals(System.getProperty("whetstone.dirty"))) {
      return Optional.empty();
    }
    var hash = ContentHash.of("work/1");
    hash.add(System.getProperty("whetstone.version", "development"));
    hash.add(System.getProperty("whetstone.commit", "unknown"));
    hash.addJson(step.arguments());
    for (Path input : step.inputs()) {
      Optional<String> content = Fingerprint.of(input);
      if (content.isEmpty()) {
        return Optional.empty();
      }
      hash.add(content.get());
    }
    return Optional.of(hash.finish());
  }

  /** The output of the same work, if it still is what it was. */
  Optional<Path> output(Step step, Optional<String> work) {
    Done done = steps.get(step.name());
    if (done == null || work.isEmpty() || !done.work().equals(work.get())) {
      return Optional.empty();
    }
    Path output = Path.of(done.output());
    return Fingerprint.of(output).filter(done.content()::equals).map(content -> output);
  }

  void put(Step step, Optional<String> work, Path output) {
    Optional<String> content = Fingerprint.of(output);
    if (work.isPresent() && content.isPresent()) {
      steps.put(step.name(), new Done(work.get(), output.toString(), content.get()));
      ArtifactFolder.writeAtomically(file, Json.pretty(new Steps(FORMAT, steps)));
    }
  }
}
