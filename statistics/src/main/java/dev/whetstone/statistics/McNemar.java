package dev.whetstone.statistics;

import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * McNemar's test of two models on the same documents: whether "only the candidate is right" and
 * "only the baseline is right" are equally likely (Q. McNemar, Psychometrika 12, 1947). Documents
 * on which both agree tell nothing about it.
 */
public final class McNemar {
  private static final double HALF = 0.5;

  private McNemar() {}

  /**
   * Two-sided exact p: {@code min(1, 2 P[X <= min(b, c)])}, X binomial(b + c, 1/2). 1 without
   * discordant pairs.
   */
  public static double exact(PairCounts pairs) {
    return Math.min(1, 2 * lowerTail(pairs));
  }

  /**
   * Two-sided mid-p, less conservative: half of the probability of what was seen counts (M. W.
   * Fagerland, S. Lydersen and P. Laake, BMC Medical Research Methodology 13:91, 2013).
   */
  public static double midP(PairCounts pairs) {
    if (pairs.onlyCandidate() == pairs.onlyBaseline()) {
      return 1 - (pairs.discordant() == 0 ? 0 : HALF * seen(pairs));
    }
    return 2 * lowerTail(pairs) - seen(pairs);
  }

  // Not the library's BinomialTest: version 1.2 gives 0.625 for 2 of 3, the exact value is 1.
  private static double lowerTail(PairCounts pairs) {
    return distribution(pairs).cumulativeProbability(fewer(pairs));
  }

  private static double seen(PairCounts pairs) {
    return distribution(pairs).probability(fewer(pairs));
  }

  private static BinomialDistribution distribution(PairCounts pairs) {
    return BinomialDistribution.of(Math.toIntExact(pairs.discordant()), HALF);
  }

  private static int fewer(PairCounts pairs) {
    return Math.toIntExact(Math.min(pairs.onlyCandidate(), pairs.onlyBaseline()));
  }
}
