package dev.whetstone.datasets.decontaminate;

import dev.whetstone.datasets.dedup.Hash64;
import java.util.List;

/**
 * Hashes of runs of words: a polynomial over the words' 64-bit hashes, modulo 2^64, which the next
 * run is computed from in two multiplications (Karp and Rabin, IBM J. Res. Dev. 31, 1987). Not for
 * adversaries.
 */
final class Runs {
  private static final long BASE = 0x9e3779b97f4a7c15L;

  private Runs() {}

  static long[] hashes(List<String> words) {
    return words.stream().mapToLong(Hash64::of).toArray();
  }

  /** The hash of the words [from, from + length). Never 0. */
  static long of(long[] words, int from, int length) {
    long hash = 0;
    for (int i = from; i < from + length; i++) {
      hash = extended(hash, words[i]);
    }
    return notZero(hash);
  }

  /** All runs of {@code n} words in order; none where there are fewer words. */
  static long[] all(long[] words, int n) {
    if (words.length < n) {
      return new long[0];
    }
    long[] runs = new long[words.length - n + 1];
    long first = power(n);
    long hash = 0;
    for (int i = 0; i < words.length; i++) {
      hash = extended(hash, words[i]);
      if (i >= n) {
        hash -= first * words[i - n];
      }
      if (i >= n - 1) {
        runs[i - n + 1] = notZero(hash);
      }
    }
    return runs;
  }

  /** What a word weighs that {@code n} others follow. */
  static long power(int n) {
    long power = 1;
    for (int i = 0; i < n; i++) {
      power *= BASE;
    }
    return power;
  }

  static long extended(long hash, long word) {
    return hash * BASE + word;
  }

  static long notZero(long hash) {
    return hash == 0 ? 1 : hash;
  }
}
