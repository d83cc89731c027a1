package dev.whetstone.statistics;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Candidate minus baseline on the same documents. Pairing takes the spread between easy and hard
 * documents out of the error (E. Miller, "Adding Error Bars to Evals", arXiv 2411.00640, section
 * 4).
 *
 * @param n documents
 * @param value mean difference, positive where the candidate scores more
 * @param standardError of the mean difference; empty for one document
 * @param interval empty where the differences show no spread and the method needs some
 */
public record PairedDifference(
    long n, double value, OptionalDouble standardError, Optional<Interval> interval) {

  /** Student's t on the differences: for scores that are not just right or wrong. */
  public static PairedDifference of(double[] baseline, double[] candidate, double confidence) {
    Mean mean = Mean.of(differences(baseline, candidate));
    return new PairedDifference(
        mean.n(), mean.value(), mean.standardError(), mean.interval(confidence));
  }

  /**
   * Right or wrong: the difference of two paired proportions with Newcombe's score interval, which
   * stays inside [-1, 1] and has a width even where no pair differs (R. G. Newcombe, "Improved
   * confidence intervals for the difference between binomial proportions based on paired data",
   * Statistics in Medicine 17:2635-2650, 1998, method 10). The standard error is {@code √((b + c)/n
   * - ((b - c)/n)²) / √(n - 1)}, that of {@link #of} on zeros and ones.
   */
  public static PairedDifference of(PairCounts pairs, double confidence) {
    long n = pairs.n();
    double value = ((double) pairs.onlyCandidate() - pairs.onlyBaseline()) / n;
    double variance = Math.max(0, (double) pairs.discordant() / n - value * value);
    OptionalDouble error =
        n == 1 ? OptionalDouble.empty() : OptionalDouble.of(Math.sqrt(variance / (n - 1)));
    return new PairedDifference(n, value, error, Optional.of(newcombe(pairs, value, confidence)));
  }

  private static Interval newcombe(PairCounts pairs, double value, double confidence) {
    long n = pairs.n();
    long candidateRight = pairs.bothRight() + pairs.onlyCandidate();
    long baselineRight = pairs.bothRight() + pairs.onlyBaseline();
    Interval candidate = Wilson.interval(candidateRight, n, confidence);
    Interval baseline = Wilson.interval(baselineRight, n, confidence);
    double p1 = (double) candidateRight / n;
    double p2 = (double) baselineRight / n;
    double phi = correlation(pairs);
    double below = combined(p1 - candidate.low(), baseline.high() - p2, phi);
    double above = combined(candidate.high() - p1, p2 - baseline.low(), phi);
    return new Interval(Math.max(-1, value - below), Math.min(1, value + above), confidence);
  }

  private static double combined(double x, double y, double phi) {
    return Math.sqrt(Math.max(0, x * x - 2 * phi * x * y + y * y));
  }

  /** The phi coefficient, with Newcombe's continuity correction where it is positive. */
  private static double correlation(PairCounts pairs) {
    double a = pairs.bothRight();
    double b = pairs.onlyCandidate();
    double c = pairs.onlyBaseline();
    double d = pairs.bothWrong();
    double scale = Math.sqrt((a + b) * (c + d) * (a + c) * (b + d));
    if (scale == 0) {
      return 0;
    }
    double product = a * d - b * c;
    double corrected = product > 0 ? Math.max(product - pairs.n() / 2.0, 0) : product;
    return corrected / scale;
  }

  /**
   * Candidate minus baseline, per document.
   *
   * @throws IllegalArgumentException if the lengths differ or are 0
   */
  public static double[] differences(double[] baseline, double[] candidate) {
    checkPaired(baseline, candidate);
    double[] differences = new double[baseline.length];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = candidate[i] - baseline[i];
    }
    return differences;
  }

  static void checkPaired(double[] baseline, double[] candidate) {
    if (baseline.length != candidate.length || baseline.length == 0) {
      throw new IllegalArgumentException(
          "expected as many documents on both sides, and at least one: "
              + baseline.length
              + " and "
              + candidate.length);
    }
  }
}
