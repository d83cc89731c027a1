package dev.whetstone.statistics;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A mean of independent values with its standard error.
 *
 * @param n how many values
 * @param value their mean, summed from left to right as lm-evaluation-harness does
 * @param standardError sample standard deviation (n - 1 in the variance) over √n; empty for one
 *     value, of which no spread is known
 */
public record Mean(long n, double value, OptionalDouble standardError) {
  public Mean {
    if (n < 1) {
      throw new IllegalArgumentException("n must be >= 1: " + n);
    }
    if (standardError.isPresent() != (n > 1)) {
      throw new IllegalArgumentException("a standard error needs n > 1, and n > 1 has one: " + n);
    }
  }

  /**
   * The mean of {@code values}.
   *
   * @throws IllegalArgumentException if there are none or one is not finite
   */
  public static Mean of(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("the mean of no values is undefined");
    }
    double sum = 0;
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("values must be finite: " + value);
      }
      sum += value;
    }
    double mean = sum / values.length;
    if (values.length == 1) {
      return new Mean(1, mean, OptionalDouble.empty());
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double deviation = Math.sqrt(squares / (values.length - 1));
    return new Mean(
        values.length, mean, OptionalDouble.of(deviation / Math.sqrt((double) values.length)));
  }

  /**
   * Student's t interval with n - 1 degrees of freedom; empty where the values show no spread (one
   * value, or all equal), since a width of 0 would claim certainty.
   */
  public Optional<Interval> interval(double confidence) {
    Interval.checkConfidence(confidence);
    double error = standardError.orElse(0);
    double half = error == 0 ? 0 : error * Quantiles.twoSidedStudent(confidence, n - 1.0);
    // A spread far below the value's last digit vanishes in the sum.
    return value - half < value + half
        ? Optional.of(new Interval(value - half, value + half, confidence))
        : Optional.empty();
  }
}
