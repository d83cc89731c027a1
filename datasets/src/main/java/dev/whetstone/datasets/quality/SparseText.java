package dev.whetstone.datasets.quality;

import static java.util.Objects.requireNonNull;

/**
 * A text as features: those that it has, each with its weight.
 *
 * @param buckets which, rising, none twice
 * @param weights of each, all above 0, of length 1 together (l2); as many as buckets
 */
public record SparseText(int[] buckets, float[] weights) {
  public SparseText {
    requireNonNull(buckets, "buckets is null");
    requireNonNull(weights, "weights is null");
    if (buckets.length != weights.length) {
      throw new IllegalArgumentException(
          "expected a weight for each bucket: %d and %d".formatted(buckets.length, weights.length));
    }
  }

  /** Features that the text has. */
  public int size() {
    return buckets.length;
  }
}
