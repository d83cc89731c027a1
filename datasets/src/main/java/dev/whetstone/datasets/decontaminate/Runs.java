package dev.whetstone.datasets.decontaminate;

import dev.whetstone.datasets.dedup.Hash64;
import java.util.List;

/** Hashes of runs of words: polynomials over the words' hashes ({@link Hash64#BASE}). */
final class Runs {
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
    long first = Hash64.power(n);
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

  static long extended(long hash, long word) {
    return hash * Hash64.BASE + word;
  }

  static long notZero(long hash) {
    return hash == 0 ? 1 : hash;
  }
}
