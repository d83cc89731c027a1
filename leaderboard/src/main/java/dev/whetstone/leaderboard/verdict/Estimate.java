package dev.whetstone.leaderboard.verdict;

import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.statistics.Interval;
import dev.whetstone.statistics.Mean;
import dev.whetstone.statistics.PairCounts;
import dev.whetstone.statistics.Wilson;
import java.util.Arrays;
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
      Mean mean = Mean.of(scores.get());
      if (Math.abs(mean.value() - value) <= ROUNDING) {
        if (PairCounts.isBinary(scores.get())) {
          long right = Math.round(Arrays.stream(scores.get()).sum());
          return new Estimate(
              metric.value(), Optional.of(Wilson.interval(right, n, confidence)), n, "Wilson");
        }
        Optional<Interval> interval = mean.interval(confidence);
        return new Estimate(
            metric.value(), interval, n, interval.isPresent() ? "Student's t" : "no spread");
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
