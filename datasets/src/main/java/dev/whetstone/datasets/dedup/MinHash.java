package dev.whetstone.datasets.dedup;

import java.util.SplittableRandom;

/**
 * MinHash signatures cut into bands: two texts are candidates where all rows of a band agree. A
 * pair of similarity s is one with probability 1 - (1 - s^rows)^bands ({@link #recall}).
 *
 * <p>A permutation is {@code (h a + b) mod (2^61 - 1)} as in datatrove and datasketch, but with the
 * product in 128 bits: theirs wraps at 64 and is no permutation of the residues.
 */
public final class MinHash {
  private static final long PRIME = (1L << 61) - 1;

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
      factors[i] = random.nextLong(1, PRIME);
      terms[i] = random.nextLong(0, PRIME);
    }
  }

  /** The least value of each permutation over the shingles, [bands * rows], in 0..2^61-2. */
  public long[] signature(long[] shingles) {
    long[] residues = new long[shingles.length];
    for (int s = 0; s < shingles.length; s++) {
      residues[s] = reduce(shingles[s] >>> 3); // 61 bits
    }
    long[] least = new long[factors.length];
    for (int i = 0; i < factors.length; i++) {
      long min = PRIME;
      for (long residue : residues) {
        min = Math.min(min, permute(factors[i], residue, terms[i]));
      }
      least[i] = min;
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

  /** {@code (a x + b) mod (2^61 - 1)} for a, x, b below the prime. */
  static long permute(long a, long x, long b) {
    long high = Math.multiplyHigh(a, x);
    long low = a * x;
    // 2^61 = 1 modulo the prime, so the bits above the 61st are added to those below.
    long folded = (low & PRIME) + ((high << 3) | (low >>> 61));
    return reduce(reduce(folded) + b);
  }

  private static long reduce(long value) {
    return value >= PRIME ? value - PRIME : value;
  }
}
