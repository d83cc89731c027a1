package dev.whetstone.datasets.quality;

import dev.whetstone.statistics.Interval;
import dev.whetstone.statistics.Wilson;
import java.util.ArrayList;
import java.util.List;

/**
 * How good a classifier is on rows that it did not learn from.
 *
 * @param rows judged
 * @param accuracy share of them on the right side of probability 0.5
 * @param interval of the accuracy, 95 %, Wilson's
 * @param majority accuracy of always saying the commoner label
 * @param area under the receiver operating characteristic
 * @param errorBefore expected calibration error of the network as it stands
 * @param errorAfter the same after calibration
 * @param logLossNats mean, after calibration
 * @param thresholds what would be kept at each
 */
public record Measured(
    long rows,
    double accuracy,
    Interval interval,
    double majority,
    double area,
    double errorBefore,
    double errorAfter,
    double logLossNats,
    List<Threshold> thresholds) {
  /** Where probability says good. */
  public static final double MIDDLE = 0.5;

  static final double CONFIDENCE = 0.95;
  private static final int STEPS = 10;

  /**
   * What {@code quality: {min: ...}} would do.
   *
   * @param min rows below go
   * @param goodKept good rows at or above
   * @param badKept bad rows at or above
   */
  public record Threshold(double min, long goodKept, long goodGone, long badKept, long badGone) {}

  public Measured {
    thresholds = List.copyOf(thresholds);
  }

  /**
   * Of predictions of both labels.
   *
   * @throws IllegalArgumentException if either label is missing
   */
  public static Measured of(List<Prediction> predictions) {
    long right = 0;
    long good = 0;
    double loss = 0;
    for (Prediction p : predictions) {
      right += (p.probability() >= MIDDLE) == p.good() ? 1 : 0;
      good += p.good() ? 1 : 0;
      loss -=
          Math.log(Math.max(Double.MIN_NORMAL, p.good() ? p.probability() : 1 - p.probability()));
    }
    long n = predictions.size();
    List<Threshold> thresholds = new ArrayList<>();
    for (int step = 1; step < STEPS; step++) {
      thresholds.add(threshold(predictions, step / (double) STEPS));
    }
    return new Measured(
        n,
        (double) right / n,
        Wilson.interval(right, n, CONFIDENCE),
        (double) Math.max(good, n - good) / n,
        Roc.of(predictions).area(),
        Reliability.of(predictions, p -> Platt.sigmoid(p.logit())).error(),
        Reliability.of(predictions, Prediction::probability).error(),
        loss / n,
        thresholds);
  }

  private static Threshold threshold(List<Prediction> predictions, double min) {
    long goodKept = predictions.stream().filter(p -> p.good() && p.probability() >= min).count();
    long badKept = predictions.stream().filter(p -> !p.good() && p.probability() >= min).count();
    long good = predictions.stream().filter(Prediction::good).count();
    return new Threshold(
        min, goodKept, good - goodKept, badKept, predictions.size() - good - badKept);
  }
}
