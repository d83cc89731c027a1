package dev.whetstone.eval.metric;

import java.util.List;
import java.util.OptionalDouble;

/**
 * Mean over documents with its standard error: sample standard deviation over √n, plain sums from
 * left to right, as {@code lm_eval/api/metrics.py} under Python 3.11.
 *
 * @param standardError empty for fewer than two documents
 */
public record Mean(double value, OptionalDouble standardError, int count) {
  /**
   * @param scores at least one
   */
  public static Mean of(List<? extends Number> scores) {
    if (scores.isEmpty()) {
      throw new IllegalArgumentException("a mean needs a score");
    }
    double sum = 0;
    for (Number score : scores) {
      sum += score.doubleValue();
    }
    int n = scores.size();
    double mean = sum / n;
    if (n < 2) {
      return new Mean(mean, OptionalDouble.empty(), n);
    }
    double squares = 0;
    for (Number score : scores) {
      squares += Math.pow(score.doubleValue() - mean, 2);
    }
    double error = Math.sqrt(squares / (n - 1)) / Math.sqrt(n);
    return new Mean(mean, OptionalDouble.of(error), n);
  }
}
