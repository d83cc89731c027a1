package dev.whetstone.datasets.dedup;

import java.util.SplittableRandom;

/**
 * MinHash signatures cut into bands: two texts are candidates where all rows of a band agree. A
 * pair of similarity s is one with probability 1 - (1 - s^rows)^bands ({@link #recall}).
 *
 * <p>A permutation is {@code a h + b mod 2^64} with an odd {@code a}: one multiplication, and a
 * permutation of all 64 bits. Shingles are mixed well ({@link Hash64}), so the prime of datatrove
 * and datasketch (2^61 - 1, dedup/minhash.py:181-184, where the product wraps at 64 bits and leaves
 * no permutation) gains nothing. Least is the least of signed numbers; of a set without shingles it
 * is {@link Long#MAX_VALUE}.
 */
public final class MinHash {
  private final int bands;
  private final int rows;
  private final long[] factors;
  private final long[] terms;

  /**
   * Permutations drawn by {@code seed}.
   *
   * @param bands at least 1
   * @param rows of a band, at least 1
   */
  public MinHash(long seed, int bands, int rows) {
    if (bands < 1 || rows < 1) {
      throw new IllegalArgumentException(
          "bands and rows must be at least 1: %d and %d".formatted(bands, rows));
    }
    this.bands = bands;
    this.rows = rows;
    this.factors = new long[bands * rows];
    this.terms = new long[bands * rows];
    var random = new SplittableRandom(seed);
    for (int i = 0; i < factors.length; i++) {
      factors[i] = random.nextLong() | 1;
      terms[i] = random.nextLong();
    }
  }

  /**
   * The least value of each permutation over the shingles, [bands * rows]; neither their order nor
   * how often one comes matters.
   */
  public long[] signature(long[] shingles) {
    long[] least = new long[factors.length];
    int i = 0;
    // Four permutations at once: a shingle is fetched once for them, and none waits for another.
    for (; i + 4 <= least.length; i += 4) {
      long factor0 = factors[i];
      long factor1 = factors[i + 1];
      long factor2 = factors[i + 2];
      long factor3 = factors[i + 3];
      long term0 = terms[i];
      long term1 = terms[i + 1];
      long term2 = terms[i + 2];
      long term3 = terms[i + 3];
      long a = Long.MAX_VALUE;
      long b = Long.MAX_VALUE;
      long c = Long.MAX_VALUE;
      long d = Long.MAX_VALUE;
      for (long shingle : shingles) {
        long value = factor0 * shingle + term0;
        a = value < a ? value : a;
        value = factor1 * shingle + term1;
        b = value < b ? value : b;
        value = factor2 * shingle + term2;
        c = value < c ? value : c;
        value = factor3 * shingle + term3;
        d = value < d ? value : d;
      }
      least[i] = a;
      least[i + 1] = b;
      least[i + 2] = c;
      least[i + 3] = d;
    }
    for (; i < least.length; i++) {
      least[i] = Long.MAX_VALUE;
      for (long shingle : shingles) {
        least[i] = Math.min(least[i], factors[i] * shingle + terms[i]);
      }
    }
    return least;
  }

  /** A digest of each band of the signature, [bands]. */
  public long[] bands(long[] shingles) {
    long[] signature = signature(shingles);
    long[] digests = new long[bands];
    for (int band = 0; band < bands; band++) {
      long digest = band;
      for (int row = 0; row < rows; row++) {
        digest = Hash64.append(digest, signature[band * rows + row]);
      }
      digests[band] = digest;
    }
    return digests;
  }

  /** Probability that a pair of this similarity becomes a candidate: 1 - (1 - s^rows)^bands. */
  public static double recall(double similarity, int bands, int rows) {
    return 1 - Math.pow(1 - Math.pow(similarity, rows), bands);
  }
}
