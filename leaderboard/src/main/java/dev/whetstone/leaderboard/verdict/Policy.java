package dev.whetstone.leaderboard.verdict;

/**
 * What it takes to call a difference real.
 *
 * @param alpha two-sided, after Holm's correction
 * @param confidence of every interval
 * @param power with which a smallest detectable effect would be seen
 * @param tolerance a difference inside ± this is as good as none, in units of the metric
 * @param seed of permutations
 */
public record Policy(double alpha, double confidence, double power, double tolerance, long seed) {
  /** The board's: strict, since it looks at many pairs and people act on it. */
  public static final Policy BOARD = new Policy(0.01, 0.95, 0.8, 0.02, 0);

  public Policy {
    if (!(alpha > 0 && alpha < 1 && confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("alpha and confidence must be inside (0, 1)");
    }
    if (!(power >= 0.5 && power < 1)) {
      throw new IllegalArgumentException("power must be in [0.5, 1): " + power);
    }
    if (!(tolerance >= 0)) {
      throw new IllegalArgumentException("tolerance must be >= 0: " + tolerance);
    }
  }
}
