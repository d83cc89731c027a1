package dev.whetstone.training.sweep;

import java.util.List;

/**
 * Which runs a sweep tries. Every pair of a rate and a rank is tried for {@code steps} steps, the
 * better part of them for as many times more as they are fewer, and so on until one is left
 * (successive halving, arXiv 1502.07943).
 *
 * @param learningRates rates
 * @param ranks ranks; alpha keeps its ratio to the rank
 * @param steps optimizer steps of the first round
 * @param factor one in so many goes on, for so many times the steps
 */
public record SweepConfig(
    List<Double> learningRates, List<Integer> ranks, Integer steps, Integer factor) {
  public SweepConfig {
    learningRates = learningRates == null ? List.of() : List.copyOf(learningRates);
    ranks = ranks == null ? List.of() : List.copyOf(ranks);
    steps = steps == null ? 20 : steps;
    factor = factor == null ? 2 : factor;
    if (steps < 1 || factor < 2) {
      throw new IllegalArgumentException(
          "steps must be >= 1 and factor >= 2: %d, %d".formatted(steps, factor));
    }
    if (learningRates.stream().anyMatch(rate -> !(rate > 0 && rate < 1))) {
      throw new IllegalArgumentException("learning_rates must be in (0, 1): " + learningRates);
    }
    if (ranks.stream().anyMatch(rank -> rank < 1)) {
      throw new IllegalArgumentException("ranks must be >= 1: " + ranks);
    }
  }
}
