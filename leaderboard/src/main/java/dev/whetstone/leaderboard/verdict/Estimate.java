package dev.whetstone.leaderboard.verdict;

import dev.whetstone.leaderboard.entry.Exposure;
import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.statistics.Interval;
import dev.whetstone.statistics.Mean;
import dev.whetstone.statistics.PairCounts;
import dev.whetstone.statistics.Wilson;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A metric's value with its interval.
 *
 * @param value empty where the metric is undefined
 * @param interval empty where the data show no spread
 * @param n documents
 * @param method how the interval was made, or why there is none
 */
public record Estimate(OptionalDouble value, Optional<Interval> interval, long n, String method) {
  // Means of the file and of the samples may differ in their last digits.
  private static final double ROUNDING = 1e-9;

  /**
   * The metric of the documents that the model was not trained on. Empty where it was trained on
   * none, or on all, or where the metric is no mean of documents.
   */
  public static Optional<Estimate> ofUnseen(TaskResult result, Metric metric, double confidence) {
    List<Sample> unseen =
        result.samples().stream().filter(s -> s.exposure() != Exposure.TRAINED).toList();
    boolean isMean =
        result
            .scores(metric.key())
            .filter(s -> metric.value().isPresent())
            .filter(s -> Math.abs(Mean.of(s).value() - metric.value().getAsDouble()) <= ROUNDING)
            .isPresent();
    if (!isMean || unseen.isEmpty() || unseen.size() == result.samples().size()) {
      return Optional.empty();
    }
    double[] scores = unseen.stream().mapToDouble(s -> s.scores().get(metric.key())).toArray();
    return Optional.of(ofMean(OptionalDouble.of(Mean.of(scores).value()), scores, confidence));
  }

  private static Estimate ofMean(OptionalDouble value, double[] scores, double confidence) {
    int n = scores.length;
    if (PairCounts.isBinary(scores)) {
      long right = Math.round(Arrays.stream(scores).sum());
      return new Estimate(value, Optional.of(Wilson.interval(right, n, confidence)), n, "Wilson");
    }
    Optional<Interval> interval = Mean.of(scores).interval(confidence);
    return new Estimate(value, interval, n, interval.isPresent() ? "Student's t" : "no spread");
  }

  /**
   * Wilson's interval where every document scores 0 or 1, Student's t for other means; a metric
   * that is no mean of documents gets ± z standard errors of the file.
   */
  public static Estimate of(TaskResult result, Metric metric, double confidence) {
    int n = result.samples().size();
    if (metric.value().isEmpty()) {
      return new Estimate(metric.value(), Optional.empty(), n, "undefined in the result file");
    }
    double value = metric.value().getAsDouble();
    Optional<double[]> scores = result.scores(metric.key());
    if (scores.isPresent()) {
      if (Math.abs(Mean.of(scores.get()).value() - value) <= ROUNDING) {
        return ofMean(metric.value(), scores.get(), confidence);
      }
    }
    double error = metric.standardError().orElse(0);
    if (!(error > 0)) {
      return new Estimate(metric.value(), Optional.empty(), n, "the file has no standard error");
    }
    return new Estimate(
        metric.value(),
        Optional.of(Interval.normal(value, error, confidence)),
        n,
        "standard error of the file");
  }
}
