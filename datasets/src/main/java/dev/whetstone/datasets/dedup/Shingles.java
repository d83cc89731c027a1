package dev.whetstone.datasets.dedup;

import java.util.Arrays;

/**
 * The shingles of a text: hashes of all runs of {@code width} words, sorted, each once. A text of
 * fewer words has runs of {@link #SHORT_WIDTH} characters of its words instead, so that short turns
 * are compared too (datatrove gives them no signature at all, dedup/minhash.py, line 250).
 */
public final class Shingles {
  /** Characters of a shingle of a short text. */
  static final int SHORT_WIDTH = 5;

  private Shingles() {}

  /** The shingles of {@code text}; none where it has no word. */
  public static long[] of(String text, int width) {
    long[] hashes = inOrder(text, width);
    Arrays.sort(hashes);
    return distinct(hashes);
  }

  /** The same as they come in the text, some more than once: enough for a signature. */
  public static long[] inOrder(String text, int width) {
    long[] words = Words.hashes(text);
    if (words.length == 0) {
      return words;
    }
    return words.length < width
        ? ofCharacters(String.join(" ", Words.of(text)))
        : ofWords(words, width);
  }

  private static long[] ofWords(long[] words, int width) {
    long[] hashes = Hash64.runs(words, width);
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = Hash64.mix(hashes[i]);
    }
    return hashes;
  }

  private static long[] ofCharacters(String text) {
    if (text.length() <= SHORT_WIDTH) {
      return new long[] {Hash64.of(text)};
    }
    long[] hashes = new long[text.length() - SHORT_WIDTH + 1];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = Hash64.of(text.substring(i, i + SHORT_WIDTH));
    }
    return hashes;
  }

  private static long[] distinct(long[] sorted) {
    int kept = 0;
    for (long hash : sorted) {
      if (kept == 0 || sorted[kept - 1] != hash) {
        sorted[kept++] = hash;
      }
    }
    return Arrays.copyOf(sorted, kept);
  }

  /** Jaccard similarity of two sets of shingles: shared over all. In 0..1. */
  public static double jaccard(long[] left, long[] right) {
    int shared = 0;
    for (int i = 0, j = 0; i < left.length && j < right.length; ) {
      int order = Long.compare(left[i], right[j]);
      shared += order == 0 ? 1 : 0;
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    int all = left.length + right.length - shared;
    return all == 0 ? 1 : (double) shared / all;
  }
}
