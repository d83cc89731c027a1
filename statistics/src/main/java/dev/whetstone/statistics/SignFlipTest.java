package dev.whetstone.statistics;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/**
 * The permutation test of paired differences: if neither model is better, each difference is as
 * likely with the other sign (R. A. Fisher, "The Design of Experiments", 1935, section 21).
 */
public final class SignFlipTest {
  /** Flips in the documents of this project; p is then never below 1/10,001. */
  public static final int DEFAULT_FLIPS = 10_000;

  // Sums of the same numbers in another order differ in their last digits.
  private static final double ROUNDING = 1e-9;

  private SignFlipTest() {}

  /**
   * Two-sided p. Exact, by all 2^n sign patterns, where those are at most {@code flips}; else
   * {@code (as extreme + 1) / (flips + 1)} of seeded random patterns (B. Phipson and G. K. Smyth,
   * "Permutation p-values should never be zero", 2010).
   *
   * @param differences finite, at least one; zeros stay zeros
   */
  public static double pValue(double[] differences, int flips, long seed) {
    if (flips < 1) {
      throw new IllegalArgumentException("flips must be >= 1: " + flips);
    }
    double observed = Math.abs(Mean.of(differences).value() * differences.length);
    double scale = 0;
    for (double difference : differences) {
      scale += Math.abs(difference);
    }
    double threshold = observed - ROUNDING * scale;
    if (differences.length < Long.SIZE - 2 && 1L << differences.length <= flips) {
      return exact(differences, threshold);
    }
    UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(seed);
    long extreme = 0;
    for (int flip = 0; flip < flips; flip++) {
      double sum = 0;
      long bits = 0;
      for (int i = 0; i < differences.length; i++) {
        if (i % Long.SIZE == 0) {
          bits = random.nextLong();
        }
        sum += (bits & 1) == 0 ? differences[i] : -differences[i];
        bits >>>= 1;
      }
      if (Math.abs(sum) >= threshold) {
        extreme++;
      }
    }
    return (extreme + 1.0) / (flips + 1.0);
  }

  private static double exact(double[] differences, double threshold) {
    long patterns = 1L << differences.length;
    long extreme = 0;
    for (long pattern = 0; pattern < patterns; pattern++) {
      double sum = 0;
      for (int i = 0; i < differences.length; i++) {
        sum += (pattern >>> i & 1) == 0 ? differences[i] : -differences[i];
      }
      if (Math.abs(sum) >= threshold) {
        extreme++;
      }
    }
    return (double) extreme / patterns;
  }
}
