package dev.whetstone.models.engine;

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

  /** What is added to attention scores, [T, T]: 0 for a token that is seen, else -infinity. */
  float[] mask() {
    int n = length();
    var mask = new float[Math.multiplyExact(n, n)];
    java.util.Arrays.fill(mask, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i++) {
      if (parents[i] >= 0) {
        System.arraycopy(mask, parents[i] * n, mask, i * n, i);
      }
      mask[i * n + i] = 0;
    }
    return mask;
  }
}
