package dev.whetstone.training.plan;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * Which packs a step trains on: a pure function of the seed and the step, so that a cursor is a
 * step number and nothing else. Every epoch goes over all packs in an order of its own; an epoch's
 * last step may have fewer packs, and is a real step.
 */
public final class Batches {
  private final int packs;
  private final int packsPerStep;
  private final long seed;

  /**
   * The order of {@link #lastEpoch}: callers walk through the steps, and an order costs a shuffle
   * of all packs.
   */
  private int[] lastOrder;

  private int lastEpoch = -1;

  public Batches(int packs, int packsPerStep, long seed) {
    if (packs < 1 || packsPerStep < 1) {
      throw new IllegalArgumentException(
          "packs and packsPerStep must be >= 1: " + packs + ", " + packsPerStep);
    }
    this.packs = packs;
    this.packsPerStep = packsPerStep;
    this.seed = seed;
  }

  public int stepsPerEpoch() {
    return (packs + packsPerStep - 1) / packsPerStep;
  }

  /** Indices of the packs of a step, counted from 0. */
  public List<Integer> step(int step) {
    int epoch = step / stepsPerEpoch();
    if (epoch != lastEpoch) {
      lastOrder = order(epoch);
      lastEpoch = epoch;
    }
    int[] order = lastOrder;
    int from = step % stepsPerEpoch() * packsPerStep;
    return IntStream.range(from, Math.min(packs, from + packsPerStep))
        .mapToObj(i -> order[i])
        .toList();
  }

  /** A permutation of all packs (Fisher–Yates). */
  int[] order(int epoch) {
    var random = new SplittableRandom(new SplittableRandom(seed).nextLong() + epoch);
    int[] order = IntStream.range(0, packs).toArray();
    for (int i = packs - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /** Steps until {@code tokens} have been trained on, the step that reaches them included. */
  public int stepsForTokens(long tokens, IntToLongFunction tokensOfPack) {
    long seen = 0;
    int step = 0;
    while (seen < tokens) {
      for (int pack : step(step)) {
        seen += tokensOfPack.applyAsLong(pack);
      }
      step++;
    }
    return step;
  }
}
