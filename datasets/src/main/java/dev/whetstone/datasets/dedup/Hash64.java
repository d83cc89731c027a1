package dev.whetstone.datasets.dedup;

/**
 * A 64-bit hash of words and of runs of words: FNV-1a (draft-eastlake-fnv) over UTF-16 units, mixed
 * by the finalizer of MurmurHash3 (fmix64). Not for adversaries.
 */
public final class Hash64 {
  /**
   * Base of polynomials over hashes modulo 2^64, which the hash of the next run comes from in two
   * multiplications (Karp and Rabin, "Efficient randomized pattern-matching algorithms", IBM J.
   * Res. Dev. 31, 1987): 2^64 divided by the golden ratio. It is odd: its powers lose no bit.
   */
  public static final long BASE = 0x9e3779b97f4a7c15L;

  /** FNV-1a of nothing. */
  static final long START = 0xcbf29ce484222325L;

  private static final long FNV_PRIME = 0x100000001b3L;

  private Hash64() {}

  public static long of(String text) {
    return of(text.toCharArray(), 0, text.length());
  }

  /** The hash of the units [from, to) of a text. */
  public static long of(char[] text, int from, int to) {
    long hash = START;
    for (int i = from; i < to; i++) {
      hash = step(hash, text[i]);
    }
    return mix(hash);
  }

  /** FNV-1a of a text that {@code hash} is of, lengthened by {@code next}; not mixed yet. */
  static long step(long hash, char next) {
    return (hash ^ next) * FNV_PRIME;
  }

  /** The hash of the sequence that {@code hash} is of, lengthened by {@code next}. */
  public static long append(long hash, long next) {
    return mix(hash * FNV_PRIME ^ next);
  }

  /** The hash of the run of {@code n} hashes that begins at {@code from}. */
  public static long ofRun(long[] hashes, int from, int n) {
    long hash = n;
    for (int i = from; i < from + n; i++) {
      hash = append(hash, hashes[i]);
    }
    return hash;
  }

  /**
   * Polynomials over all runs of {@code n} hashes in order ({@link #BASE}), not mixed; none where
   * there are fewer.
   */
  public static long[] runs(long[] hashes, int n) {
    long[] runs = new long[Math.max(0, hashes.length - n + 1)];
    long gone = power(n);
    long run = 0;
    for (int i = 0; i < hashes.length; i++) {
      run = run * BASE + hashes[i];
      if (i >= n) {
        run -= gone * hashes[i - n];
      }
      if (i >= n - 1) {
        runs[i - n + 1] = run;
      }
    }
    return runs;
  }

  /** {@link #BASE} to the power of {@code n}: what a hash weighs that {@code n} others follow. */
  public static long power(int n) {
    long power = 1;
    for (int i = 0; i < n; i++) {
      power *= BASE;
    }
    return power;
  }

  /** fmix64 of MurmurHash3: each bit of the input moves half of the output's. */
  public static long mix(long value) {
    long h = value;
    h ^= h >>> 33;
    h *= 0xff51afd7ed558ccdL;
    h ^= h >>> 33;
    h *= 0xc4ceb9fe1a85ec53L;
    h ^= h >>> 33;
    return h;
  }
}
