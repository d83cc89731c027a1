package dev.whetstone.models.engine;

import java.util.ArrayList;
import java.util.Arrays;

/**
 * Tokens of several branches in one row: each sees its ancestors, itself, and a prefix that all
 * share.
 *
 * @param tokens token ids, [T]
 * @param positions in their sequences, [T]
 * @param parents index in this row of the token before, or -1 where that is the prefix's last; a
 *     parent stands before its children, [T]
 */
record TreeRow(int[] tokens, int[] positions, int[] parents) {
  /** Fewer tokens would be computed faster than the call is made. */
  private static final int LEAST_PART = 48;

  int length() {
    return tokens.length;
  }

  /** Whether every token simply follows the one before. */
  boolean isChain() {
    for (int i = 0; i < parents.length; i++) {
      if (parents[i] != i - 1) {
        return false;
      }
    }
    return true;
  }

  /**
   * Sizes of runs of tokens of which none sees another's: branches that begin at the prefix, with
   * as many neighbours as it takes to make a run worth a call of its own.
   */
  int[] parts() {
    var sizes = new ArrayList<Integer>();
    int start = 0;
    for (int i = 1; i < parents.length; i++) {
      if (parents[i] < 0 && i - start >= LEAST_PART) {
        sizes.add(i - start);
        start = i;
      }
    }
    sizes.add(parents.length - start);
    return sizes.stream().mapToInt(Integer::intValue).toArray();
  }

  /** What is added to attention scores, [T, T]: 0 for a token that is seen, else -infinity. */
  float[] mask() {
    int n = length();
    var mask = new float[Math.multiplyExact(n, n)];
    Arrays.fill(mask, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i++) {
      if (parents[i] >= 0) {
        System.arraycopy(mask, parents[i] * n, mask, i * n, i);
      }
      mask[i * n + i] = 0;
    }
    return mask;
  }
}
