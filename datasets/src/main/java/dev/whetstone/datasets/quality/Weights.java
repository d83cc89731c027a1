package dev.whetstone.datasets.quality;

import static java.util.Objects.requireNonNull;

/**
 * What a network has learned. V is the number of buckets, E the width of an embedding, H the width
 * of the hidden layer; all arrays row-major.
 *
 * @param embedding [V, E]
 * @param hidden [E, H]
 * @param hiddenBias [H]
 * @param output [H]
 * @param outputBias the last one
 */
public record Weights(
    float[] embedding, float[] hidden, float[] hiddenBias, float[] output, float outputBias) {
  public Weights {
    requireNonNull(embedding, "embedding is null");
    requireNonNull(hidden, "hidden is null");
    requireNonNull(hiddenBias, "hiddenBias is null");
    requireNonNull(output, "output is null");
    int h = output.length;
    if (h == 0 || hiddenBias.length != h || hidden.length == 0 || hidden.length % h != 0) {
      throw new IllegalArgumentException(
          "expected [E, H], [H] and [H], found %d, %d and %d values"
              .formatted(hidden.length, hiddenBias.length, h));
    }
    int e = hidden.length / h;
    if (embedding.length == 0 || embedding.length % e != 0) {
      throw new IllegalArgumentException(
          "expected [V, %d], found %d values".formatted(e, embedding.length));
    }
  }

  /** V. */
  public int buckets() {
    return embedding.length / dimension();
  }

  /** E. */
  public int dimension() {
    return hidden.length / output.length;
  }

  /** H. */
  public int width() {
    return output.length;
  }
}
