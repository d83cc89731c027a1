package dev.whetstone.models.engine.generation;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The distribution of {@link Sampler}, rule after rule over the whole vocabulary. */
public final class NaiveSampling {
  private NaiveSampling() {}

  /** Probabilities of every token, [V]. */
  public static double[] probabilities(Sampling settings, float[] logits, BitSet seen) {
    int size = logits.length;
    double[] scores = new double[size];
    for (int v = 0; v < size; v++) {
      float penalty = seen.get(v) ? (float) settings.repetitionPenalty() : 1;
      float penalised = logits[v] < 0 ? logits[v] * penalty : logits[v] / penalty;
      scores[v] = penalised / settings.temperature();
    }
    if (settings.topK() > 0 && settings.topK() < size) {
      double[] descending = Arrays.stream(scores).map(s -> -s).sorted().map(s -> -s).toArray();
      removeWhere(scores, v -> scores[v] < descending[settings.topK() - 1]);
    }
    if (settings.topP() < 1) {
      double[] probabilities = softmax(scores);
      int[] order =
          IntStream.range(0, size)
              .boxed()
              .sorted(Comparator.comparingDouble(v -> -probabilities[v]))
              .mapToInt(Integer::intValue)
              .toArray();
      double above = 0;
      for (int rank = 0; rank < size; rank++) {
        int v = order[rank];
        if (rank > 0 && above >= settings.topP()) {
          scores[v] = Double.NEGATIVE_INFINITY;
        }
        above += probabilities[v];
      }
    }
    double[] probabilities = softmax(scores);
    double highest = Arrays.stream(probabilities).max().orElseThrow();
    removeWhere(scores, v -> probabilities[v] < settings.minP() * highest);
    return softmax(scores);
  }

  private static void removeWhere(double[] scores, java.util.function.IntPredicate removed) {
    int[] places = IntStream.range(0, scores.length).filter(removed).toArray();
    Arrays.stream(places).forEach(v -> scores[v] = Double.NEGATIVE_INFINITY);
  }

  private static double[] softmax(double[] scores) {
    double highest = Arrays.stream(scores).max().orElseThrow();
    double[] weights = Arrays.stream(scores).map(s -> Math.exp(s - highest)).toArray();
    double total = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / total).toArray();
  }
}
