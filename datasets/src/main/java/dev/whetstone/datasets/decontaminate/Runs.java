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
    long[] runs = Hash64.runs(words, n);
    for (int i = 0; i < runs.length; i++) {
      runs[i] = notZero(runs[i]);
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
