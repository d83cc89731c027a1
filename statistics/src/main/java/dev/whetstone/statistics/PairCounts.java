package dev.whetstone.statistics;

/**
 * How two models did on the same documents, each answer right or wrong.
 *
 * @param bothRight documents that both got right
 * @param onlyCandidate right by the candidate alone ("fixed")
 * @param onlyBaseline right by the baseline alone ("broke")
 * @param bothWrong documents that both got wrong
 */
public record PairCounts(long bothRight, long onlyCandidate, long onlyBaseline, long bothWrong) {
  public PairCounts {
    if (bothRight < 0 || onlyCandidate < 0 || onlyBaseline < 0 || bothWrong < 0) {
      throw new IllegalArgumentException("counts must be >= 0");
    }
    if (bothRight + onlyCandidate + onlyBaseline + bothWrong < 1) {
      throw new IllegalArgumentException("there must be at least one pair");
    }
  }

  /**
   * Counts pairs of zeros and ones.
   *
   * @param baseline 0 or 1 each; document i of both arrays is the same
   * @throws IllegalArgumentException if the lengths differ or a value is neither 0 nor 1
   */
  public static PairCounts of(double[] baseline, double[] candidate) {
    PairedDifference.checkPaired(baseline, candidate);
    long[] counts = new long[4];
    for (int i = 0; i < baseline.length; i++) {
      counts[2 * bit(baseline[i]) + bit(candidate[i])]++;
    }
    return new PairCounts(counts[3], counts[1], counts[2], counts[0]);
  }

  /** Whether every value is 0 or 1, so that pairs can be counted. */
  public static boolean isBinary(double[] values) {
    for (double value : values) {
      if (value != 0 && value != 1) {
        return false;
      }
    }
    return true;
  }

  public long n() {
    return bothRight + onlyCandidate + onlyBaseline + bothWrong;
  }

  /** Pairs on which the two differ. */
  public long discordant() {
    return onlyCandidate + onlyBaseline;
  }

  /** The same pairs with the models swapped. */
  public PairCounts swapped() {
    return new PairCounts(bothRight, onlyBaseline, onlyCandidate, bothWrong);
  }

  private static int bit(double value) {
    if (value != 0 && value != 1) {
      throw new IllegalArgumentException("expected 0 or 1: " + value);
    }
    return (int) value;
  }
}
