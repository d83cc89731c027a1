package dev.whetstone.datasets.measure;

import dev.whetstone.datasets.dedup.Hash64;
import java.util.Arrays;

/**
 * Runs of tokens by their hashes. A run's hash comes from those of two beginnings of the text
 * ({@link Hash64#BASE}), so that it costs the same for any width; and where no run of a width
 * occurs twice, no wider one does.
 */
final class Runs {
  private final int tokens;

  /** Of the first t tokens, [tokens + 1]. */
  private final long[] beginnings;

  private final long[] keys;
  private final int[] counts;

  /** The width from which on every run is known to occur once. */
  private int distinctFrom = Integer.MAX_VALUE;

  Runs(long[] hashes, int tokens) {
    this.tokens = tokens;
    this.beginnings = new long[tokens + 1];
    for (int t = 0; t < tokens; t++) {
      beginnings[t + 1] = beginnings[t] * Hash64.BASE + hashes[t];
    }
    int size = Integer.highestOneBit(Math.max(8, tokens)) * 4;
    keys = new long[size];
    counts = new int[size];
  }

  /** Runs of n tokens. */
  int count(int n) {
    return Math.max(0, tokens - n + 1);
  }

  /** Whether it is known that no run of n tokens occurs twice. */
  boolean areDistinct(int n) {
    return n >= distinctFrom;
  }

  /** To be told when all runs of n tokens were counted and none came twice. */
  void distinct(int n) {
    distinctFrom = Math.min(distinctFrom, n);
  }

  /** Forgets what was counted. */
  void clear() {
    Arrays.fill(counts, 0);
  }

  /**
   * Counts the run of n tokens from one on: how often it has come since {@link #clear}.
   *
   * @param power {@link Hash64#power} of n
   */
  int add(int from, int n, long power) {
    long key = beginnings[from + n] - beginnings[from] * power;
    // The lowest bits of a product depend on the lowest bits alone.
    int at = (int) ((key * Hash64.BASE) >>> 40) & (keys.length - 1);
    while (counts[at] > 0 && keys[at] != key) {
      at = (at + 1) & (keys.length - 1);
    }
    keys[at] = key;
    return ++counts[at];
  }
}
