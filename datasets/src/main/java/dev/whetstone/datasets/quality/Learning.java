package dev.whetstone.datasets.quality;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.datasets.quality.Draw.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One network, taught and calibrated and asked for what it says of rows that it has not seen.
 *
 * @param model what was learned
 * @param predictions of the rows that measure, in their order
 */
public record Learning(QualityModel model, List<Prediction> predictions) {
  /**
   * What teaches a network and what asks it: Deeplearning4j, behind which another can stand. Both
   * throw {@link dev.whetstone.artifacts.SurroundingsException} on a machine that they do not run
   * on.
   */
  public interface Engine {
    /**
     * The same rows, seed and kind of machine give the same weights.
     *
     * @param good whether each text is, as many as texts
     */
    Weights train(
        List<SparseText> texts, boolean[] good, int buckets, NetworkConfig config, long seed);

    Scorer scorer(Weights weights);
  }

  public Learning {
    predictions = List.copyOf(predictions);
  }

  /**
   * Teaches, calibrates and asks.
   *
   * @throws BadInputException if a part of the rows lacks a label
   */
  public static Learning of(
      Map<Part, List<LabelledRow>> parts,
      TextFeatures features,
      NetworkConfig network,
      long seed,
      Engine engine) {
    parts.forEach(Learning::check);
    List<LabelledRow> taught = parts.get(Part.TRAIN);
    boolean[] good = new boolean[taught.size()];
    for (int i = 0; i < good.length; i++) {
      good[i] = taught.get(i).good();
    }
    Weights weights = engine.train(texts(taught), good, features.buckets(), network, seed);
    Scorer scorer = engine.scorer(weights);
    List<LabelledRow> calibrating = parts.get(Part.CALIBRATE);
    Platt platt =
        Platt.fit(
            logits(scorer, calibrating), calibrating.stream().map(LabelledRow::good).toList());
    List<LabelledRow> measuring = parts.get(Part.MEASURE);
    double[] logits = logits(scorer, measuring);
    List<Prediction> predictions = new ArrayList<>();
    for (int i = 0; i < logits.length; i++) {
      predictions.add(
          new Prediction(logits[i], platt.probability(logits[i]), measuring.get(i).good()));
    }
    return new Learning(QualityModel.of(features, weights, platt), predictions);
  }

  private static void check(Part part, List<LabelledRow> rows) {
    long good = rows.stream().filter(LabelledRow::good).count();
    if (good == 0 || good == rows.size()) {
      String what =
          switch (part) {
            case TRAIN -> "learn from";
            case CALIBRATE -> "calibrate with";
            case MEASURE -> "measure with";
          };
      throw new BadInputException(
          "expected good and bad rows to %s, found %d good and %d bad; give more rows, a larger held_out or another seed."
              .formatted(what, good, rows.size() - good));
    }
  }

  private static List<SparseText> texts(List<LabelledRow> rows) {
    return rows.stream().map(LabelledRow::features).toList();
  }

  private static double[] logits(Scorer scorer, List<LabelledRow> rows) {
    float[] logits = scorer.logits(texts(rows));
    double[] wide = new double[logits.length];
    Arrays.setAll(wide, i -> logits[i]);
    return wide;
  }
}
