package dev.whetstone.statistics;

import java.util.OptionalDouble;

/**
 * What a paired comparison can see. Two-sided {@code alpha}; {@code power} is the probability to
 * see an effect that is there.
 *
 * <p>Right or wrong answers: {@code n = (z_{alpha/2} √psi + z_beta √(psi - delta²))² / delta²},
 * where psi is the share of documents on which the two models differ (R. J. Connor, "Sample size
 * for testing differences in proportions for the paired-sample design", Biometrics 43, 1987).
 */
public final class Power {
  private static final int BISECTIONS = 100;

  private Power() {}

  /**
   * Documents needed to see a difference {@code delta} of right answers; empty if delta exceeds
   * psi, which cannot be.
   */
  public static OptionalDouble documents(double delta, double psi, double alpha, double power) {
    check(psi, alpha, power);
    if (!(delta > 0)) {
      throw new IllegalArgumentException("delta must be > 0: " + delta);
    }
    return delta > psi
        ? OptionalDouble.empty()
        : OptionalDouble.of(needed(delta, psi, alpha, power));
  }

  /**
   * The smallest difference of right answers that {@code n} documents show, as a share of
   * <em>all</em> documents; empty if even delta = psi (each flip in one direction) would go unseen.
   */
  public static OptionalDouble minimumDetectableEffect(
      long n, double psi, double alpha, double power) {
    check(psi, alpha, power);
    if (n < 1) {
      throw new IllegalArgumentException("n must be >= 1: " + n);
    }
    if (needed(psi, psi, alpha, power) > n) {
      return OptionalDouble.empty();
    }
    double unseen = 0;
    double seen = psi;
    for (int i = 0; i < BISECTIONS; i++) { // needed() falls as delta grows
      double middle = (unseen + seen) / 2;
      if (middle > 0 && needed(middle, psi, alpha, power) <= n) {
        seen = middle;
      } else {
        unseen = middle;
      }
    }
    return OptionalDouble.of(seen);
  }

  /**
   * The smallest mean difference seen where the mean difference has this standard error: {@code
   * (z_{alpha/2} + z_beta) SE} (Miller, arXiv 2411.00640, section 5).
   */
  public static double minimumDetectableMean(double standardError, double alpha, double power) {
    check(1, alpha, power);
    return (Quantiles.twoSidedNormal(1 - alpha) + Quantiles.normal(power)) * standardError;
  }

  private static double needed(double delta, double psi, double alpha, double power) {
    double root =
        Quantiles.twoSidedNormal(1 - alpha) * Math.sqrt(psi)
            + Quantiles.normal(power) * Math.sqrt(Math.max(0, psi - delta * delta));
    return root * root / (delta * delta);
  }

  private static void check(double psi, double alpha, double power) {
    if (!(psi > 0 && psi <= 1)) {
      throw new IllegalArgumentException("psi must be in (0, 1]: " + psi);
    }
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha must be inside (0, 1): " + alpha);
    }
    if (!(power >= 0.5 && power < 1)) {
      throw new IllegalArgumentException("power must be in [0.5, 1): " + power);
    }
  }
}
