package dev.whetstone.leaderboard.verdict;

import static java.util.Objects.requireNonNull;

import dev.whetstone.statistics.PairCounts;
import dev.whetstone.statistics.PairedDifference;
import java.util.Optional;

/**
 * Two results of one task, paired on documents.
 *
 * @param metric key of the metric compared
 * @param higherIsBetter else a negative difference is the better one
 * @param difference candidate minus baseline
 * @param pairs right and wrong by pair; empty where scores are not just 0 and 1
 * @param p two-sided: exact McNemar where there are pairs, else a sign-flip permutation test
 * @param adjustedP after Holm over the comparisons made together
 * @param test name of the test, for readers
 */
public record Comparison(
    Side baseline,
    Side candidate,
    String metric,
    boolean higherIsBetter,
    PairedDifference difference,
    Optional<PairCounts> pairs,
    double p,
    double adjustedP,
    String test) {
  public Comparison {
    requireNonNull(baseline, "baseline is null");
    requireNonNull(candidate, "candidate is null");
    requireNonNull(metric, "metric is null");
    requireNonNull(difference, "difference is null");
    requireNonNull(pairs, "pairs is null");
    if (!(p >= 0 && p <= adjustedP && adjustedP <= 1)) {
      throw new IllegalArgumentException(
          "expected 0 <= p <= adjustedP <= 1: " + p + ", " + adjustedP);
    }
  }

  Comparison withAdjusted(double adjusted) {
    return new Comparison(
        baseline,
        candidate,
        metric,
        higherIsBetter,
        difference,
        pairs,
        p,
        Math.max(p, adjusted),
        test);
  }

  /** Whether the two prompts hold a different number of examples: allowed, but to be said. */
  public boolean shotsDiffer() {
    return baseline.result().shots() != candidate.result().shots();
  }

  /** The difference, positive where the candidate is better. */
  public double gain() {
    return higherIsBetter ? difference.value() : -difference.value();
  }
}
