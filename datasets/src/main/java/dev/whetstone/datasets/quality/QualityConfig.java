package dev.whetstone.datasets.quality;

import dev.whetstone.datasets.PrepareConfig.Source;
import java.util.List;

/**
 * Section {@code quality} of a recipe, every default filled in: rows with labels, and how a
 * classifier learns from them.
 *
 * @param good files of rows as they should be
 * @param bad files of rows as they should not be
 * @param rows most rows of each label that are used, taken by the hash of their content; at least
 *     50
 * @param bits 2^bits buckets for words and pairs of words, see {@link TextFeatures}
 * @param network the classifier
 * @param heldOut share of the rows that measures it, and again as much that calibrates it; in
 *     [0.02, 0.3]
 * @param crossValidation how sure that is, on few rows
 * @param seed of split, weights and order
 */
public record QualityConfig(
    List<Source> good,
    List<Source> bad,
    Integer rows,
    Integer bits,
    NetworkConfig network,
    Double heldOut,
    CrossValidation crossValidation,
    Long seed) {
  /** Fewer of a label would leave none to measure with. */
  public static final int LEAST_ROWS = 50;

  /**
   * Repeated k-fold cross-validation: each row is judged by a network that never saw its prompt.
   *
   * @param folds parts, each of which measures once; 0 for none, else at least 2
   * @param repeats other cuts into parts; at least 1
   */
  public record CrossValidation(Integer folds, Integer repeats) {
    public CrossValidation {
      folds = folds == null ? 0 : folds;
      repeats = repeats == null ? 1 : repeats;
      if (folds < 0 || folds == 1 || folds > 20) {
        throw new IllegalArgumentException("folds must be 0 or in 2..20: " + folds);
      }
      if (repeats < 1) {
        throw new IllegalArgumentException("repeats must be >= 1: " + repeats);
      }
    }
  }

  public QualityConfig {
    good = good == null ? List.of() : List.copyOf(good);
    bad = bad == null ? List.of() : List.copyOf(bad);
    if (good.isEmpty() || bad.isEmpty()) {
      throw new IllegalArgumentException(
          "good and bad: expected files of rows for both, such as good: [{path: \"good/*.jsonl\"}];"
              + " found "
              + (good.isEmpty() ? bad.isEmpty() ? "neither" : "no good" : "no bad"));
    }
    rows = rows == null ? 50_000 : rows;
    bits = bits == null ? 18 : bits;
    network = network == null ? new NetworkConfig(null, null, null, null) : network;
    heldOut = heldOut == null ? 0.1 : heldOut;
    crossValidation = crossValidation == null ? new CrossValidation(null, null) : crossValidation;
    seed = seed == null ? 0L : seed;
    if (rows < LEAST_ROWS) {
      throw new IllegalArgumentException("rows must be >= %d: %d".formatted(LEAST_ROWS, rows));
    }
    if (!(heldOut >= 0.02 && heldOut <= 0.3)) {
      throw new IllegalArgumentException("held_out must be in [0.02, 0.3]: " + heldOut);
    }
    new TextFeatures(bits); // checks the range
  }
}
