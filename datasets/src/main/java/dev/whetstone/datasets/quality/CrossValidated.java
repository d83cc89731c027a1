package dev.whetstone.datasets.quality;

import dev.whetstone.datasets.quality.Draw.Part;
import dev.whetstone.datasets.quality.Learning.Engine;
import dev.whetstone.datasets.quality.QualityConfig.CrossValidation;
import dev.whetstone.statistics.Interval;
import dev.whetstone.statistics.Wilson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What repeated cross-validation found: how good networks are that were taught in this way.
 *
 * @param folds k
 * @param repeats r
 * @param rows judged, each {@code repeats} times
 * @param accuracy mean over the k * r folds
 * @param interval of it, 95 %: Student's t with k * r - 1 degrees of freedom on the variance that
 *     C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning 52, 2003,
 *     section 5 (corrected resampled t-test) give, since folds share most of what they learn from;
 *     Wilson's of the rows where no fold differs from another
 * @param area mean area under the receiver operating characteristic
 * @param errorAfter mean calibration error after calibration
 */
public record CrossValidated(
    int folds,
    int repeats,
    long rows,
    double accuracy,
    Interval interval,
    double area,
    double errorAfter) {

  /** Teaches {@code folds * repeats} networks. */
  public static CrossValidated of(List<LabelledRow> rows, QualityConfig config, Engine engine) {
    CrossValidation cross = config.crossValidation();
    List<Measured> measured = new ArrayList<>();
    for (int repeat = 0; repeat < cross.repeats(); repeat++) {
      for (Map<Part, List<LabelledRow>> parts :
          Draw.folds(rows, cross.folds(), repeat, config.heldOut(), config.seed())) {
        Learning learning =
            Learning.of(
                parts,
                new TextFeatures(config.bits()),
                config.network(),
                config.seed() + measured.size(),
                engine);
        measured.add(Measured.of(learning.predictions()));
      }
    }
    return of(measured, cross, rows.size());
  }

  static CrossValidated of(List<Measured> measured, CrossValidation cross, long rows) {
    double accuracy = mean(measured.stream().map(Measured::accuracy).toList());
    return new CrossValidated(
        cross.folds(),
        cross.repeats(),
        rows,
        accuracy,
        interval(measured, accuracy, cross.folds(), rows),
        mean(measured.stream().map(Measured::area).toList()),
        mean(measured.stream().map(Measured::errorAfter).toList()));
  }

  private static Interval interval(List<Measured> measured, double accuracy, int folds, long rows) {
    double squares = 0;
    for (Measured fold : measured) {
      squares += (fold.accuracy() - accuracy) * (fold.accuracy() - accuracy);
    }
    int n = measured.size();
    if (squares == 0) {
      return Wilson.interval(Math.round(accuracy * rows), rows, Measured.CONFIDENCE);
    }
    double variance = squares / (n - 1) * (1.0 / n + 1.0 / (folds - 1));
    Interval wide = Interval.student(accuracy, Math.sqrt(variance), n - 1.0, Measured.CONFIDENCE);
    return new Interval(Math.max(0, wide.low()), Math.min(1, wide.high()), Measured.CONFIDENCE);
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
