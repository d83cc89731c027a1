package dev.whetstone.models.engine.generation;

import dev.whetstone.artifacts.BadInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * How one token is chosen from the logits of all. The rules and their order are those of {@link
 * Sampler}.
 *
 * @param temperature logits are divided by it; 0: the most probable token, and neither topK, topP,
 *     minP nor the seed matters
 * @param topK only tokens that are at least as probable as the k-th; 0: all
 * @param topP only the most probable tokens that together reach this probability, in [0, 1]; 1: all
 * @param minP only tokens at least this many times as probable as the most probable, in [0, 1]; 0:
 *     all
 * @param repetitionPenalty divides the positive logits of tokens that prompt or answer hold
 *     already, multiplies the negative ones; 1: none
 * @param seed of the random numbers; what a request draws depends on it alone, not on other
 *     requests
 */
public record Sampling(
    double temperature, int topK, double topP, double minP, double repetitionPenalty, long seed) {
  /** The most probable token, always. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, 0);

  public Sampling {
    var faults = new ArrayList<String>();
    // Negated comparisons refuse NaN too.
    check(
        temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
        "temperature must be 0 or more, found " + temperature,
        faults);
    check(topK >= 0, "top-k must be 0 (off) or more, found " + topK, faults);
    check(topP >= 0 && topP <= 1, "top-p must lie in [0, 1], found " + topP, faults);
    check(minP >= 0 && minP <= 1, "min-p must lie in [0, 1], found " + minP, faults);
    check(
        repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY,
        "the repetition penalty must be above 0, found " + repetitionPenalty,
        faults);
    if (!faults.isEmpty()) {
      throw new BadInputException("sampling: " + String.join("; ", faults) + ".");
    }
  }

  private static void check(boolean holds, String fault, List<String> faults) {
    if (!holds) {
      faults.add(fault);
    }
  }

  /** Whether the most probable token is taken, of the logits after the repetition penalty. */
  public boolean isGreedy() {
    return temperature == 0;
  }

  /**
   * Whether the choice is the plain maximum of the model's logits, which needs no logits at all.
   */
  public boolean isArgmax() {
    return isGreedy() && repetitionPenalty == 1;
  }

  public Sampling withSeed(long other) {
    return new Sampling(temperature, topK, topP, minP, repetitionPenalty, other);
  }

  /**
   * The same for one of many requests: each draws numbers of its own.
   *
   * @param request its number, whatever batch it runs in
   */
  public Sampling forRequest(long request) {
    return isGreedy() ? this : withSeed(SeededUniform.seed(seed, request));
  }
}
