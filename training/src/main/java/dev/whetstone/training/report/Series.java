package dev.whetstone.training.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * One quantity over steps.
 *
 * @param name for the legend
 * @param look how it is drawn
 * @param points by rising step; values that are not finite are left out of the picture
 */
record Series(String name, Look look, List<Point> points) {
  /** How a series is drawn. */
  enum Look {
    LINE,
    /** A faint line and, on it, its moving average. */
    SMOOTHED,
    /** Few measurements: a line with a dot for each. */
    DOTS
  }

  /** A value at a step. */
  record Point(int step, double value) {
    boolean isFinite() {
      return Double.isFinite(value);
    }
  }

  Series {
    requireNonNull(name, "name is null");
    requireNonNull(look, "look is null");
    points = List.copyOf(points);
  }

  static <T> Series of(
      String name, Look look, List<T> all, ToIntFunction<T> step, ToDoubleFunction<T> value) {
    return new Series(
        name,
        look,
        all.stream()
            .map(each -> new Point(step.applyAsInt(each), value.applyAsDouble(each)))
            .toList());
  }

  List<Point> finite() {
    return points.stream().filter(Point::isFinite).toList();
  }

  /**
   * At most so many points of a line, the extremes of each stretch among them, so that no peak is
   * lost.
   */
  static List<Point> thinned(List<Point> points, int most) {
    if (points.size() <= most) {
      return points;
    }
    int stretches = most / 2 - 1; // two points of each, and both ends
    var kept = new ArrayList<Point>();
    kept.add(points.get(0));
    for (int stretch = 0; stretch < stretches; stretch++) {
      int from = 1 + (int) ((long) (points.size() - 2) * stretch / stretches);
      int to = 1 + (int) ((long) (points.size() - 2) * (stretch + 1) / stretches);
      Point low = points.get(from);
      Point high = low;
      for (Point point : points.subList(from, to)) {
        low = point.value < low.value ? point : low;
        high = point.value > high.value ? point : high;
      }
      kept.add(low.step <= high.step ? low : high);
      if (low.step != high.step) {
        kept.add(low.step <= high.step ? high : low);
      }
    }
    kept.add(points.get(points.size() - 1));
    return kept;
  }

  /**
   * Weighted mean of a point and those on both sides of it, so that the line does not lag behind a
   * slope.
   *
   * @param window points that weigh most: one that is further away by one counts 1 − 1 / window
   *     times as much
   */
  static List<Point> smoothed(List<Point> points, int window) {
    double fading = 1 - 1.0 / window;
    int count = points.size();
    double[] sums = new double[count];
    double[] weights = new double[count];
    double sum = 0;
    double weight = 0;
    for (int i = 0; i < count; i++) { // the point and what is before it
      sum = fading * sum + points.get(i).value;
      weight = fading * weight + 1;
      sums[i] = sum;
      weights[i] = weight;
    }
    sum = 0;
    weight = 0;
    for (int i = count - 1; i >= 0; i--) { // and what is after it
      sums[i] += fading * sum;
      weights[i] += fading * weight;
      sum = fading * sum + points.get(i).value;
      weight = fading * weight + 1;
    }
    return IntStream.range(0, count)
        .mapToObj(i -> new Point(points.get(i).step, sums[i] / weights[i]))
        .toList();
  }
}
