package dev.whetstone.datasets.quality;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How well good rows are ranked above bad ones.
 *
 * @param area under the curve: the chance that a good row has a higher score than a bad one, ties
 *     counting half (J. Hanley, B. McNeil, Radiology 143, 1982)
 * @param points of the curve from (0, 0) to (1, 1)
 */
public record Roc(double area, List<Point> points) {
  /**
   * @param bad share of the bad rows that would be kept
   * @param good share of the good rows that would be kept
   */
  public record Point(double bad, double good) {}

  public Roc {
    points = List.copyOf(points);
  }

  /**
   * Of predictions of both labels.
   *
   * @throws IllegalArgumentException if either label is missing
   */
  static Roc of(List<Prediction> predictions) {
    long good = predictions.stream().filter(Prediction::good).count();
    long bad = predictions.size() - good;
    if (good == 0 || bad == 0) {
      throw new IllegalArgumentException(
          "expected both labels: %d good, %d bad".formatted(good, bad));
    }
    List<Prediction> sorted = new ArrayList<>(predictions);
    sorted.sort(Comparator.comparingDouble(Prediction::logit).reversed());
    List<Point> points = new ArrayList<>();
    points.add(new Point(0, 0));
    long keptGood = 0;
    long keptBad = 0;
    double area = 0;
    for (int i = 0; i < sorted.size(); ) {
      long goodBefore = keptGood;
      long badBefore = keptBad;
      double logit = sorted.get(i).logit();
      while (i < sorted.size() && sorted.get(i).logit() == logit) { // equal scores are one step
        keptGood += sorted.get(i).good() ? 1 : 0;
        keptBad += sorted.get(i).good() ? 0 : 1;
        i++;
      }
      area += (keptBad - badBefore) * (goodBefore + keptGood) / 2.0;
      points.add(new Point((double) keptBad / bad, (double) keptGood / good));
    }
    return new Roc(area / ((double) good * bad), points);
  }
}
