package dev.whetstone.datasets.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Whether probabilities mean what they say: of the rows that are called 0.8, are 80 % good?
 *
 * @param bins of equal width over 0..1, empty ones left out
 * @param error expected calibration error: the distance between what is said and what is so, mean
 *     over rows (M. Naeini, G. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities
 *     using Bayesian binning", AAAI 2015; C. Guo et al., "On calibration of modern neural
 *     networks", ICML 2017, equation 3), here of the probability that a row is good
 */
public record Reliability(List<Bin> bins, double error) {
  /** Bins over 0..1. */
  static final int BINS = 10;

  /**
   * @param rows whose probability falls into it
   * @param said mean probability
   * @param good share of rows that are good
   */
  public record Bin(long rows, double said, double good) {}

  public Reliability {
    bins = List.copyOf(bins);
  }

  /** Of at least one prediction; {@code probability} takes the number to be judged, in 0..1. */
  static Reliability of(List<Prediction> predictions, ToDoubleFunction<Prediction> probability) {
    long[] rows = new long[BINS];
    double[] said = new double[BINS];
    long[] good = new long[BINS];
    for (Prediction prediction : predictions) {
      double p = probability.applyAsDouble(prediction);
      int bin = Math.min(BINS - 1, (int) (p * BINS));
      rows[bin]++;
      said[bin] += p;
      good[bin] += prediction.good() ? 1 : 0;
    }
    List<Bin> bins = new ArrayList<>();
    double error = 0;
    for (int b = 0; b < BINS; b++) {
      if (rows[b] > 0) {
        bins.add(new Bin(rows[b], said[b] / rows[b], (double) good[b] / rows[b]));
        error += Math.abs(said[b] - good[b]);
      }
    }
    return new Reliability(bins, error / predictions.size());
  }
}
