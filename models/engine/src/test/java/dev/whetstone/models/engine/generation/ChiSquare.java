package dev.whetstone.models.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

/** Whether counted draws fit a distribution. */
public final class ChiSquare {
  /** Rarer than this under the distribution itself is taken for another distribution. */
  private static final double Z_OF_ONE_IN_100_000 = 4.265;

  /** Cells that expect fewer draws are put together (Cochran, Biometrics 10(4), 1954). */
  private static final double LEAST_EXPECTED = 5;

  private ChiSquare() {}

  /**
   * @param statistic Pearson's
   * @param bound its quantile at 1 - 1e-5 (Wilson and Hilferty, PNAS 17(12), 1931)
   */
  public record Fit(double statistic, double bound, int freedom) {
    public boolean holds() {
      return statistic <= bound;
    }
  }

  /**
   * @param counts of draws, [V]; one of a token without probability is a failure at once
   * @param probabilities [V]
   */
  public static Fit of(long[] counts, double[] probabilities) {
    long draws = 0;
    for (int v = 0; v < counts.length; v++) {
      draws += counts[v];
      if (probabilities[v] == 0) {
        assertThat(counts[v]).as("draws of token %d, which is excluded", v).isZero();
      }
    }
    double statistic = 0;
    int cells = 0;
    double restExpected = 0;
    double restCounted = 0;
    for (int v = 0; v < counts.length; v++) {
      double expected = draws * probabilities[v];
      if (expected >= LEAST_EXPECTED) {
        statistic += square(counts[v] - expected) / expected;
        cells++;
      } else {
        restExpected += expected;
        restCounted += counts[v];
      }
    }
    if (restExpected >= LEAST_EXPECTED) {
      statistic += square(restCounted - restExpected) / restExpected;
      cells++;
    }
    int freedom = cells - 1;
    double spread = 2.0 / (9 * freedom);
    double bound = freedom * Math.pow(1 - spread + Z_OF_ONE_IN_100_000 * Math.sqrt(spread), 3);
    return new Fit(statistic, freedom == 0 ? 0 : bound, freedom);
  }

  private static double square(double x) {
    return x * x;
  }
}
