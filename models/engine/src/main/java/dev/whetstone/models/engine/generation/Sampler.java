package dev.whetstone.models.engine.generation;

import dev.whetstone.artifacts.BadInputException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Chooses the next token of one request from its logits, by the rules and in the order of
 * transformers 5.23 (generation/logits_process.py; generation/utils.py, {@code
 * _get_logits_processor}): repetition penalty, tokens that are allowed, temperature, top-k, top-p,
 * min-p; then one draw from what is left.
 *
 * <ul>
 *   <li>Penalty θ: a logit x of a token seen before becomes x / θ, or x θ where it is negative;
 *       once for any number of occurrences (Keskar et al., CTRL, arXiv 1909.05858, section 4.1).
 *   <li>Top-k: all ties of the k-th stay (Fan et al., arXiv 1805.04833, section 5.4).
 *   <li>Top-p: a token stays while those above it have less than p together (Holtzman et al., arXiv
 *       1904.09751, section 3.1).
 *   <li>Min-p: a token stays with at least p times the probability of the first (Nguyen et al.,
 *       arXiv 2407.01082, section 3).
 * </ul>
 *
 * <p>Where we differ: probabilities are computed in double, and of equally probable tokens top-p
 * keeps those with the lower ids.
 */
public final class Sampler {
  /** Weights are relative to that of the most probable token. */
  private static final double HIGHEST_WEIGHT = 1;

  private final Sampling settings;
  private final SeededUniform uniform;

  public Sampler(Sampling settings) {
    this.settings = settings;
    this.uniform = new SeededUniform(settings.seed());
  }

  /**
   * Tokens that may be drawn.
   *
   * @param tokens ids, ascending, [C]
   * @param weights of each, proportional to its probability, [C]
   */
  private record Candidates(int[] tokens, double[] weights) {
    double total() {
      return Arrays.stream(weights).sum();
    }

    Candidates where(IntPredicate kept) {
      int[] places = IntStream.range(0, tokens.length).filter(kept).toArray();
      return places.length == tokens.length
          ? this
          : new Candidates(
              Arrays.stream(places).map(i -> tokens[i]).toArray(),
              Arrays.stream(places).mapToDouble(i -> weights[i]).toArray());
    }
  }

  /**
   * The next token.
   *
   * @param logits of every token, [V]; not changed
   * @param seen ids that prompt and answer hold so far
   * @param step number of the token in the answer, from 0
   * @throws BadInputException if a logit is NaN or +infinity
   */
  public int next(float[] logits, BitSet seen, long step) {
    return choose(penalised(logits, seen), everyToken(logits), step);
  }

  /**
   * As {@link #next(float[], BitSet, long)}, of some tokens only.
   *
   * @param allowed ids, at least one
   */
  public int next(float[] logits, BitSet seen, BitSet allowed, long step) {
    return choose(penalised(logits, seen), allowed.stream().toArray(), step);
  }

  /** The distribution that is drawn from, [V]. */
  double[] probabilities(float[] logits, BitSet seen) {
    var probabilities = new double[logits.length];
    Candidates left = candidates(penalised(logits, seen), everyToken(logits));
    double total = left.total();
    for (int i = 0; i < left.tokens.length; i++) {
      probabilities[left.tokens[i]] = left.weights[i] / total;
    }
    return probabilities;
  }

  private static int[] everyToken(float[] logits) {
    return IntStream.range(0, logits.length).toArray();
  }

  private float[] penalised(float[] logits, BitSet seen) {
    float penalty = (float) settings.repetitionPenalty();
    if (penalty == 1) {
      return logits;
    }
    float[] scores = logits.clone();
    seen.stream()
        .takeWhile(token -> token < scores.length)
        .forEach(t -> scores[t] = scores[t] < 0 ? scores[t] * penalty : scores[t] / penalty);
    return scores;
  }

  private int choose(float[] scores, int[] tokens, long step) {
    if (settings.isGreedy()) {
      return tokens[best(scores, tokens)];
    }
    Candidates left = candidates(scores, tokens);
    double rest = uniform.at(step) * left.total();
    int last = -1;
    for (int i = 0; i < left.tokens.length; i++) {
      if (left.weights[i] > 0) {
        last = i;
        rest -= left.weights[i];
        if (rest < 0) {
          break;
        }
      }
    }
    return left.tokens[last]; // rounding may leave a rest: it belongs to the last
  }

  /** Place of the highest score; the first of equal ones. */
  private static int best(float[] scores, int[] tokens) {
    int best = -1;
    float highest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < tokens.length; i++) {
      float score = scores[tokens[i]];
      if (Float.isNaN(score) || score == Float.POSITIVE_INFINITY) {
        throw new BadInputException(
            "the model computes a logit of %s, expected a finite one; it or its adapter is damaged, fetch or train it again."
                .formatted(score));
      }
      if (best < 0 || score > highest) {
        best = i;
        highest = score;
      }
    }
    if (highest == Float.NEGATIVE_INFINITY) {
      throw new BadInputException(
          "the model gives none of the %d tokens that may come next a finite logit; it or its adapter is damaged, fetch or train it again."
              .formatted(tokens.length));
    }
    return best;
  }

  private Candidates candidates(float[] scores, int[] tokens) {
    float highest = scores[tokens[best(scores, tokens)]];
    int[] likely = topK(scores, tokens);
    double[] weights = new double[likely.length];
    for (int i = 0; i < likely.length; i++) {
      // Relative to the highest: no temperature overflows.
      weights[i] = Math.exp(((double) scores[likely[i]] - highest) / settings.temperature());
    }
    Candidates left = topP(settings.topP(), new Candidates(likely, weights), scores);
    return settings.minP() == 0 ? left : left.where(i -> left.weights[i] >= settings.minP());
  }

  private int[] topK(float[] scores, int[] tokens) {
    int k = settings.topK();
    if (k == 0 || k >= tokens.length) {
      return tokens;
    }
    var highest = new PriorityQueue<Float>(); // the k highest so far, their lowest first
    for (int token : tokens) {
      if (highest.size() < k) {
        highest.add(scores[token]);
      } else if (scores[token] > highest.peek()) {
        highest.poll();
        highest.add(scores[token]);
      }
    }
    float kth = highest.peek();
    return Arrays.stream(tokens).filter(token -> scores[token] >= kth).toArray();
  }

  private static Candidates topP(double p, Candidates all, float[] scores) {
    if (p == 1) {
      return all;
    }
    double total = all.total();
    // Tokens this improbable miss the nucleus even all together: they need no sorting.
    double negligible = Math.min((1 - p) * total / all.tokens.length, HIGHEST_WEIGHT);
    long[] order =
        IntStream.range(0, all.tokens.length)
            .filter(i -> all.weights[i] >= negligible)
            .mapToLong(i -> descending(scores[all.tokens[i]], i))
            .toArray();
    Arrays.sort(order);
    var kept = new BitSet();
    double above = 0;
    for (long key : order) {
      if (above >= p * total && !kept.isEmpty()) {
        break;
      }
      int place = (int) key;
      kept.set(place);
      above += all.weights[place];
    }
    return all.where(kept::get);
  }

  /** Sorts by score, the highest first, then by place. */
  private static long descending(float score, int place) {
    int bits = Float.floatToIntBits(score + 0.0f); // -0 is 0
    int ascending = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ~ascending << Integer.SIZE) | place;
  }
}
