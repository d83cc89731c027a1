package dev.whetstone.models.engine.generation;

/**
 * The random numbers of a request. The n-th is a function of the seed and n alone: a request draws
 * the same numbers in any batch, at any place in it, and after an interruption.
 *
 * <p>SplitMix64 with its counter given from outside (Steele, Lea and Flood: Fast splittable
 * pseudorandom number generators, OOPSLA 2014; constants of {@link java.util.SplittableRandom}).
 */
final class SeededUniform {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private final long start;

  SeededUniform(long seed) {
    // Mixed once, so that the counters of neighbouring seeds do not overlap.
    this.start = mix(seed + GOLDEN_GAMMA);
  }

  /** The seed of one of many requests under a common seed. */
  static long seed(long common, long request) {
    return mix(mix(common + GOLDEN_GAMMA) + (request + 1) * GOLDEN_GAMMA);
  }

  /** Number {@code n}, in [0, 1). */
  double at(long n) {
    return (mix(start + (n + 1) * GOLDEN_GAMMA) >>> 11) * 0x1p-53;
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
