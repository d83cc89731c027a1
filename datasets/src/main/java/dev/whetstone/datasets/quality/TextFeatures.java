package dev.whetstone.datasets.quality;

import dev.whetstone.datasets.dedup.Hash64;
import dev.whetstone.datasets.dedup.Words;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A conversation as hashed words and pairs of neighbouring words: no vocabulary has to be kept, and
 * words nobody has seen cost nothing (K. Weinberger et al., "Feature hashing for large scale
 * multitask learning", ICML 2009).
 *
 * <p>What the assistant says and what it is asked are two sides, with features of their own: the
 * same word is another one in a question. The system turn is left out, since it tells where a row
 * comes from and not how good it is. A feature that stands in its side {@code n} times weighs
 * {@code 1 + ln n} (C. Manning, P. Raghavan, H. Schütze, "Introduction to Information Retrieval",
 * 2008, section 6.4.1); each side is brought to length 1, so that a long one says no more than a
 * short one.
 *
 * @param bits 2^bits is the number of buckets; in 8..22, so that a float32 holds each number
 */
public record TextFeatures(int bits) {
  /** Words of a side that are looked at: a text's first pages tell how good it is. */
  static final int MAX_WORDS = 2048;

  private static final long ANSWER = Hash64.of("answer");
  private static final long PROMPT = Hash64.of("prompt");

  public TextFeatures {
    if (bits < 8 || bits > 22) {
      throw new IllegalArgumentException("bits must be in 8..22: " + bits);
    }
  }

  /** Number of the buckets. */
  public int buckets() {
    return 1 << bits;
  }

  /** The features of a row; none of a row without a word. */
  public SparseText of(Conversation row) {
    long[] answer = side(row, ANSWER, role -> role.equals(Message.ASSISTANT));
    long[] prompt =
        side(row, PROMPT, role -> !role.equals(Message.ASSISTANT) && !role.equals(Message.SYSTEM));
    int sides = (answer.length == 0 ? 0 : 1) + (prompt.length == 0 ? 0 : 1);
    var entries = new long[answer.length + prompt.length];
    System.arraycopy(answer, 0, entries, 0, answer.length);
    System.arraycopy(prompt, 0, entries, answer.length, prompt.length);
    Arrays.sort(entries);
    int[] buckets = new int[entries.length];
    float[] weights = new float[entries.length];
    int kept = 0;
    for (long entry : entries) {
      int bucket = (int) (entry >>> Integer.SIZE);
      float weight = Float.intBitsToFloat((int) entry) / (float) Math.sqrt(sides);
      if (kept > 0 && buckets[kept - 1] == bucket) { // both sides fell into it
        weights[kept - 1] += weight;
      } else {
        buckets[kept] = bucket;
        weights[kept++] = weight;
      }
    }
    return new SparseText(Arrays.copyOf(buckets, kept), Arrays.copyOf(weights, kept));
  }

  /** Of a side, its buckets (upper half) with their weights (lower half, the bits of a float). */
  private long[] side(Conversation row, long salt, Predicate<String> role) {
    String text =
        row.messages().stream()
            .filter(m -> role.test(m.role()))
            .map(m -> m.content() + " " + m.toolCalls())
            .collect(Collectors.joining(" "));
    List<String> words = Words.of(text);
    int n = Math.min(words.size(), MAX_WORDS);
    if (n == 0) {
      return new long[0];
    }
    long[] each = new long[n];
    for (int i = 0; i < n; i++) {
      each[i] = Hash64.append(salt, Hash64.of(words.get(i)));
    }
    int[] all = new int[2 * n - 1];
    for (int i = 0; i < n; i++) {
      all[i] = bucket(each[i]);
    }
    for (int i = 0; i + 1 < n; i++) {
      all[n + i] = bucket(Hash64.ofRun(each, i, 2));
    }
    Arrays.sort(all);
    int[] distinct = new int[all.length];
    double[] weights = new double[all.length];
    int kept = 0;
    double squares = 0;
    for (int i = 0; i < all.length; ) {
      int end = i;
      while (end < all.length && all[end] == all[i]) {
        end++;
      }
      distinct[kept] = all[i];
      weights[kept] = 1 + Math.log(end - i);
      squares += weights[kept] * weights[kept];
      kept++;
      i = end;
    }
    long[] entries = new long[kept];
    double norm = Math.sqrt(squares);
    for (int i = 0; i < kept; i++) {
      int weight = Float.floatToRawIntBits((float) (weights[i] / norm));
      entries[i] = ((long) distinct[i] << Integer.SIZE) | weight; // positive: no sign to extend
    }
    return entries;
  }

  private int bucket(long hash) {
    return (int) (hash >>> (Long.SIZE - bits));
  }
}
