package dev.whetstone.training.report;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.evaluate.Evaluation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * All that the page of a run shows, and its adapter's card. What is not known is absent there too.
 *
 * @param name the recipe's
 * @param config every default filled in
 * @param progress how far the run is
 * @param metrics of every step so far, in order
 * @param evaluations so far, in order
 * @param data what it learns from
 * @param trainedParameters how many numbers are trained
 * @param bestStep the step whose adapter is the run's; 0 as long as there is none
 * @param compute what a token costs
 * @param preflight what the checks before the run found; absent where none were made
 * @param memory what was planned and what was used
 * @param equivalence of the adapter and the forms that it is merged into
 * @param lineage oldest first
 */
public record RunPage(
    String name,
    TrainConfig config,
    Progress progress,
    List<StepMetrics> metrics,
    List<Evaluation> evaluations,
    Data data,
    long trainedParameters,
    int bestStep,
    Optional<Compute> compute,
    Optional<List<Finding>> preflight,
    Optional<Memory> memory,
    List<Equivalence> equivalence,
    List<Ancestor> lineage) {

  /** Newest steps that the time left is reckoned from. */
  private static final int RECENT = 20;

  /** Where a run stands. */
  public enum Status {
    RUNNING,
    /** The same command goes on from the last checkpoint. */
    INTERRUPTED,
    /** Something was wrong in a step; a finding says what. */
    FAILED,
    /** The validation loss had stopped to fall. */
    STOPPED_EARLY,
    FINISHED
  }

  /**
   * @param totalSteps that the plan has
   * @param totalTokens of those steps
   * @param written when the page was made
   */
  public record Progress(Status status, int totalSteps, long totalTokens, Instant written) {
    public Progress {
      requireNonNull(status, "status is null");
      requireNonNull(written, "written is null");
    }

    boolean goesOn() {
      return status == Status.RUNNING;
    }
  }

  /**
   * The training split.
   *
   * @param examples packs, pairs or labelled rows
   * @param tokens of all of them together
   * @param packLength tokens that a pack can hold; 0 where there are no packs
   */
  public record Data(int examples, long tokens, int packLength) {}

  /**
   * @param device by the name that its driver gives it
   * @param peakPerSecond operations that the device can do; absent where it is not known
   */
  public record Compute(Flops perToken, String device, OptionalDouble peakPerSecond) {
    public Compute {
      requireNonNull(perToken, "perToken is null");
      requireNonNull(device, "device is null");
    }
  }

  /** How much a finding matters. */
  public enum Severity {
    NOTE,
    WARNING,
    ERROR
  }

  /** What a check before the run has to say, as a sentence. */
  public record Finding(Severity severity, String sentence) {
    public Finding {
      requireNonNull(severity, "severity is null");
      requireNonNull(sentence, "sentence is null");
    }
  }

  /**
   * @param parts of the plan; none where nothing was planned
   * @param measuredPeakBytes most that was held; absent where the system does not tell
   */
  public record Memory(List<Part> parts, OptionalLong measuredPeakBytes) {
    public Memory {
      parts = List.copyOf(parts);
    }

    long predictedBytes() {
      return parts.stream().mapToLong(Part::bytes).sum();
    }
  }

  /** One thing that memory is needed for. */
  public record Part(String name, long bytes) {
    public Part {
      requireNonNull(name, "name is null");
    }
  }

  /**
   * Two forms of the trained model on the same tokens.
   *
   * @param compared such as {@code merged, float32}, against the adapter on its base model
   * @param largestNats largest difference of a token's log-probability
   * @param meanNats mean of the differences
   * @param sameGreedy share of positions at which both would say the same next
   * @param positions that were compared
   */
  public record Equivalence(
      String compared, double largestNats, double meanNats, double sameGreedy, long positions) {
    public Equivalence {
      requireNonNull(compared, "compared is null");
    }
  }

  public RunPage {
    requireNonNull(name, "name is null");
    requireNonNull(config, "config is null");
    requireNonNull(progress, "progress is null");
    requireNonNull(data, "data is null");
    metrics = List.copyOf(metrics);
    evaluations = List.copyOf(evaluations);
    preflight = preflight.map(List::copyOf);
    equivalence = List.copyOf(equivalence);
    lineage = List.copyOf(lineage);
  }

  /** The newest step; absent before the first. */
  Optional<StepMetrics> last() {
    return metrics.isEmpty() ? Optional.empty() : Optional.of(metrics.get(metrics.size() - 1));
  }

  int step() {
    return last().map(StepMetrics::step).orElse(0);
  }

  /** Middle of the steps' speeds: a slow first step does not count. */
  OptionalDouble tokensPerSecond() {
    double[] sorted = metrics.stream().mapToDouble(StepMetrics::tokensPerSecond).sorted().toArray();
    return sorted.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(sorted[sorted.length / 2]);
  }

  /** How long the steps to come will take at the pace of the newest; absent before two steps. */
  Optional<Duration> left() {
    int count = metrics.size();
    if (count < 2) {
      return Optional.empty();
    }
    StepMetrics now = metrics.get(count - 1);
    StepMetrics before = metrics.get(Math.max(0, count - 1 - RECENT));
    double pace = (now.seconds() - before.seconds()) / (now.tokens() - before.tokens());
    double seconds = pace * Math.max(0, progress.totalTokens - now.tokens());
    return Double.isFinite(seconds)
        ? Optional.of(Duration.ofMillis((long) (1000 * seconds)))
        : Optional.empty();
  }

  /** The measurement with the lowest loss; absent where nothing was measured. */
  Optional<Evaluation> bestEvaluation() {
    return evaluations.stream()
        .filter(each -> Double.isFinite(each.lossNats()))
        .min((a, b) -> Double.compare(a.lossNats(), b.lossNats()));
  }

  /** What the examples are called. */
  String exampleNoun() {
    if (data.packLength > 0) {
      return "packs";
    }
    return config.objective().kind().takesPairs() ? "pairs" : "labelled answers";
  }

  /** What the loss is divided by. */
  String lossUnit() {
    if (!config.objective().kind().takesAnswers()) {
      return "nats a target";
    }
    return config.objective().kind().takesPairs() ? "nats a pair" : "nats an answer";
  }
}
