package dev.whetstone.statistics;

import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/**
 * The percentile bootstrap of a mean of paired differences: documents are drawn again with
 * replacement, each with both models' scores (B. Efron and R. Tibshirani, "An Introduction to the
 * Bootstrap", 1993, section 13.3).
 */
public final class PairedBootstrap {
  private PairedBootstrap() {}

  /**
   * The interval of the mean difference; empty where all replicates are equal.
   *
   * @param differences finite, at least one
   * @param replicates at least 100, else its ends are not percentiles of anything
   */
  public static Optional<Interval> interval(
      double[] differences, int replicates, long seed, double confidence) {
    Interval.checkConfidence(confidence);
    if (differences.length == 0 || replicates < 100) {
      throw new IllegalArgumentException(
          "expected at least one difference and 100 replicates: "
              + differences.length
              + ", "
              + replicates);
    }
    UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(seed);
    double[] means = new double[replicates];
    for (int replicate = 0; replicate < replicates; replicate++) {
      double sum = 0;
      for (int i = 0; i < differences.length; i++) {
        sum += differences[random.nextInt(differences.length)];
      }
      means[replicate] = sum / differences.length;
    }
    Arrays.sort(means);
    double tail = (1 - confidence) / 2;
    double low = quantile(means, tail);
    double high = quantile(means, 1 - tail);
    return low < high ? Optional.of(new Interval(low, high, confidence)) : Optional.empty();
  }

  /** Linear between order statistics: definition 7 of Hyndman and Fan (1996), NumPy's default. */
  private static double quantile(double[] sorted, double probability) {
    double position = probability * (sorted.length - 1);
    int index = (int) position;
    double next = sorted[Math.min(index + 1, sorted.length - 1)];
    return sorted[index] + (position - index) * (next - sorted[index]);
  }
}
