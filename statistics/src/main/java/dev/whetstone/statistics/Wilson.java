package dev.whetstone.statistics;

/**
 * The score interval of a proportion, which stays inside [0, 1] and has a width even at 0 and 1 (E.
 * B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22,
 * 1927). No continuity correction.
 */
public final class Wilson {
  private Wilson() {}

  /**
   * The interval of {@code successes / n}.
   *
   * @param successes 0 to {@code n}
   * @param n trials, at least 1
   * @param confidence such as 0.95
   */
  public static Interval interval(long successes, long n, double confidence) {
    if (n < 1 || successes < 0 || successes > n) {
      throw new IllegalArgumentException(
          "expected 0 <= successes <= n and n >= 1: " + successes + " of " + n);
    }
    double z = Quantiles.twoSidedNormal(confidence);
    double p = (double) successes / n;
    double centre = p + z * z / (2.0 * n);
    double half = z * Math.sqrt(p * (1 - p) / n + z * z / (4.0 * n * n));
    double scale = 1 + z * z / n;
    // Rounding must not leave a bound a hair inside or outside of the ends.
    double low = successes == 0 ? 0 : Math.max(0, (centre - half) / scale);
    double high = successes == n ? 1 : Math.min(1, (centre + half) / scale);
    return new Interval(low, high, confidence);
  }
}
