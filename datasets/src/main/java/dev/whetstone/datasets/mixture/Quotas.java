package dev.whetstone.datasets.mixture;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How many tokens of each source go into the mixture: as many as there can be while every source
 * has its weight and none is repeated more often than allowed.
 */
public final class Quotas {
  private Quotas() {}

  /**
   * Tokens to take of each source, [S], as real numbers: rows make of them what they can.
   *
   * @param available tokens of each source, [S], each positive
   * @param weights of the sources in any unit, [S], each positive; empty: every source in full
   * @param repeat times that each source may be taken, [S], each positive
   */
  public static double[] of(long[] available, double[] weights, double[] repeat) {
    int sources = available.length;
    if (weights.length == 0) {
      return IntStream.range(0, sources).mapToDouble(s -> available[s] * repeat[s]).toArray();
    }
    double whole = Arrays.stream(weights).sum();
    double total =
        IntStream.range(0, sources)
            .mapToDouble(s -> available[s] * repeat[s] * whole / weights[s])
            .min()
            .orElse(0);
    double[] quotas = new double[sources];
    for (int s = 0; s < sources; s++) {
      // The source that sets the total is taken in full, whatever is lost by rounding.
      quotas[s] = Math.min(total * weights[s] / whole, available[s] * repeat[s]);
      double rounded = Math.rint(quotas[s]);
      quotas[s] = Math.abs(quotas[s] - rounded) < 1e-6 * Math.max(1, rounded) ? rounded : quotas[s];
    }
    return quotas;
  }
}
