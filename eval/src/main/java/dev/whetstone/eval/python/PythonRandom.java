package dev.whetstone.eval.python;

import java.util.HashSet;
import java.util.Set;

/**
 * CPython 3.11's {@code random.Random} for integer seeds: MT19937 (Matsumoto and Nishimura 1998),
 * seeded as {@code init_by_array} of Modules/_randommodule.c, and {@code sample} and {@code
 * choices} of Lib/random.py.
 *
 * <p>Not thread-safe.
 */
public final class PythonRandom {
  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int index;

  public PythonRandom(long seed) {
    long magnitude = Math.abs(seed); // as CPython takes it
    int low = (int) magnitude;
    int high = (int) (magnitude >>> 32);
    seed(high == 0 ? new int[] {low} : new int[] {low, high});
  }

  private void seed(int[] key) {
    state[0] = 19650218;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
    int i = 1;
    int j = 0;
    for (int k = Math.max(N, key.length); k > 0; k--) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1664525)) + key[j] + j;
      i = next(i);
      j = (j + 1) % key.length;
    }
    for (int k = N - 1; k > 0; k--) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1566083941)) - i;
      i = next(i);
    }
    state[0] = 0x80000000;
    index = N;
  }

  private int next(int i) {
    if (i + 1 < N) {
      return i + 1;
    }
    state[0] = state[N - 1];
    return 1;
  }

  private int bits32() {
    if (index >= N) {
      for (int k = 0; k < N; k++) {
        int y = (state[k] & 0x80000000) | (state[(k + 1) % N] & 0x7fffffff);
        state[k] = state[(k + M) % N] ^ (y >>> 1) ^ ((y & 1) != 0 ? 0x9908b0df : 0);
      }
      index = 0;
    }
    int y = state[index++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /** {@code random()}: in [0, 1), 53 bits. */
  public double random() {
    long a = (bits32() >>> 5) & 0xffffffffL;
    long b = (bits32() >>> 6) & 0xffffffffL;
    return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0);
  }

  private int below(int n) {
    int bits = 32 - Integer.numberOfLeadingZeros(n);
    int r = bits32() >>> (32 - bits);
    while (Integer.compareUnsigned(r, n) >= 0) {
      r = bits32() >>> (32 - bits);
    }
    return r;
  }

  /** {@code sample(range(n), k)}; needs {@code 0 <= k <= n}. */
  public int[] sample(int n, int k) {
    if (k < 0 || k > n) {
      throw new IllegalArgumentException("cannot sample %d of %d".formatted(k, n));
    }
    int[] result = new int[k];
    double setSize = 21;
    if (k > 5) {
      setSize += Math.pow(4, Math.ceil(Math.log(3.0 * k) / Math.log(4)));
    }
    if (n <= setSize) {
      int[] pool = new int[n];
      for (int i = 0; i < n; i++) {
        pool[i] = i;
      }
      for (int i = 0; i < k; i++) {
        int j = below(n - i);
        result[i] = pool[j];
        pool[j] = pool[n - i - 1];
      }
      return result;
    }
    Set<Integer> selected = new HashSet<>();
    for (int i = 0; i < k; i++) {
      int j = below(n);
      while (!selected.add(j)) {
        j = below(n);
      }
      result[i] = j;
    }
    return result;
  }

  /** {@code choices(range(n), k=k)}. */
  public int[] choices(int n, int k) {
    int[] result = new int[k];
    for (int i = 0; i < k; i++) {
      result[i] = (int) Math.floor(random() * n);
    }
    return result;
  }
}
