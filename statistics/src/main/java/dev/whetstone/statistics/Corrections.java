package dev.whetstone.statistics;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Corrections for looking at several tests at once. Adjusted p stand in the order of the given. */
public final class Corrections {
  private Corrections() {}

  /**
   * Holm's step-down: keeps the probability of any false alarm below alpha (S. Holm, Scandinavian
   * Journal of Statistics 6, 1979).
   */
  public static double[] holm(double[] pValues) {
    int[] order = ascending(pValues);
    double[] adjusted = new double[pValues.length];
    double largest = 0;
    for (int rank = 0; rank < order.length; rank++) {
      largest = Math.max(largest, pValues[order[rank]] * (order.length - rank));
      adjusted[order[rank]] = Math.min(1, largest);
    }
    return adjusted;
  }

  /**
   * Benjamini and Hochberg: keeps the expected share of false alarms among the alarms below alpha
   * (Journal of the Royal Statistical Society B 57, 1995). For exploring, not for gates.
   */
  public static double[] benjaminiHochberg(double[] pValues) {
    int[] order = ascending(pValues);
    double[] adjusted = new double[pValues.length];
    double smallest = 1;
    for (int rank = order.length - 1; rank >= 0; rank--) {
      smallest = Math.min(smallest, pValues[order[rank]] * order.length / (rank + 1));
      adjusted[order[rank]] = smallest;
    }
    return adjusted;
  }

  private static int[] ascending(double[] pValues) {
    for (double p : pValues) {
      if (!(p >= 0 && p <= 1)) {
        throw new IllegalArgumentException("p must be in [0, 1]: " + p);
      }
    }
    return IntStream.range(0, pValues.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> pValues[i]))
        .mapToInt(i -> i)
        .toArray();
  }
}
