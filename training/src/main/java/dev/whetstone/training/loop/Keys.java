package dev.whetstone.training.loop;

import java.util.SplittableRandom;

/**
 * Keys of random numbers: a resumed run draws what an undisturbed one does, since all is a
 * function.
 */
final class Keys {
  private Keys() {}

  /** A key below another. */
  static long of(long key, long index) {
    return new SplittableRandom(new SplittableRandom(key).nextLong() + index).nextLong();
  }
}
