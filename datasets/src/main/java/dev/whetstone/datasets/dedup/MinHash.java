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

  /** The least value of each permutation over the shingles, [bands * rows]. */
  public long[] signature(long[] shingles) {
    long[] least = new long[factors.length];
    for (int i = 0; i < least.length; i++) {
      long factor = factors[i];
      long term = terms[i];
      // Four minima at once: one alone would wait for itself at every shingle.
      long a = Long.MAX_VALUE;
      long b = Long.MAX_VALUE;
      long c = Long.MAX_VALUE;
      long d = Long.MAX_VALUE;
      int s = 0;
      for (; s + 4 <= shingles.length; s += 4) {
        a = Math.min(a, factor * shingles[s] + term);
        b = Math.min(b, factor * shingles[s + 1] + term);
        c = Math.min(c, factor * shingles[s + 2] + term);
        d = Math.min(d, factor * shingles[s + 3] + term);
      }
      for (; s < shingles.length; s++) {
        a = Math.min(a, factor * shingles[s] + term);
      }
      least[i] = Math.min(Math.min(a, b), Math.min(c, d));
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
