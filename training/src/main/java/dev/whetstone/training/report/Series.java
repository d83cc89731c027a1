package dev.whetstone.training.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
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
      String name, Look look, List<T> all, ToDoubleFunction<T> step, ToDoubleFunction<T> value) {
    return new Series(
        name,
        look,
        all.stream()
            .map(each -> new Point((int) step.applyAsDouble(each), value.applyAsDouble(each)))
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
   * Mean of two exponential moving averages, one from each end, so that the line does not lag
   * behind a slope; each without its bias at the start.
   *
   * @param window steps that weigh most: one further away counts 1 − 1 / window times as much
   */
  static List<Point> smoothed(List<Point> points, int window) {
    int count = points.size();
    double[] forth = average(points.stream().mapToDouble(Point::value).toArray(), window);
    double[] back =
        average(
            IntStream.range(0, count).mapToDouble(i -> points.get(count - 1 - i).value).toArray(),
            window);
    return IntStream.range(0, count)
        .mapToObj(i -> new Point(points.get(i).step, (forth[i] + back[count - 1 - i]) / 2))
        .toList();
  }

  private static double[] average(double[] values, int window) {
    double past = 1 - 1.0 / window;
    double mean = 0;
    double weight = 0;
    double[] averages = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      mean = past * mean + (1 - past) * values[i];
      weight = past * weight + (1 - past);
      averages[i] = mean / weight;
    }
    return averages;
  }
}
