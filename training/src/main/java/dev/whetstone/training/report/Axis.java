package dev.whetstone.training.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A stretch of numbers with round marks on it.
 *
 * @param low its start
 * @param high its end, above the start
 * @param marks multiples of one round number, rising, within the stretch
 * @param labels of the marks, each different, all to the same precision
 */
record Axis(double low, double high, List<Double> marks, List<String> labels) {
  /** Share of the data's range that is left free above and below. */
  private static final double ROOM = 0.06;

  /** Data that fill less of the way from zero than this are shown from zero. */
  private static final double NEAR_ZERO = 0.3;

  Axis {
    marks = List.copyOf(marks);
    labels = List.copyOf(labels);
  }

  /** Of values, with room around them. */
  static Axis around(double least, double most, int marks) {
    if (least == 0 && most == 0) {
      return of(0, 1, step(1.0 / marks));
    }
    double range = most - least;
    double size = Math.max(Math.abs(least), Math.abs(most));
    // Rounding noise is no range: it would be drawn as mountains, with labels that are all alike.
    double room = range > 1e-9 * size ? ROOM * range : 0.1 * size;
    double low = least >= 0 && least < NEAR_ZERO * most ? 0 : least - room;
    return of(low, most + room, step((most + room - low) / marks));
  }

  /** Of whole steps, marks on whole numbers. */
  static Axis steps(int first, int last, int marks) {
    return first == last
        ? new Axis(first - 1.0, first + 1.0, List.of((double) first), List.of(whole(first)))
        : of(first, last, Math.max(1, step((last - first) / (double) marks)));
  }

  private static Axis of(double low, double high, double step) {
    var marks = new ArrayList<Double>();
    for (long n = (long) Math.ceil(low / step); n * step <= high; n++) {
      marks.add(n * step);
    }
    double size = Math.max(Math.abs(low), Math.abs(high));
    return new Axis(low, high, marks, marks.stream().map(at -> label(at, step, size)).toList());
  }

  /** 1, 2 or 5 times a power of ten, the smallest that is not below {@code least}. */
  static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    double digits = least / power;
    return power * (digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10);
  }

  private static String label(double at, double step, double size) {
    if (at == 0) {
      return "0";
    }
    if (size < 1e-3) {
      int exponent = (int) Math.floor(Math.log10(size));
      double unit = Math.pow(10, exponent);
      return fixed(at / unit, step / unit) + "e" + exponent;
    }
    double unit = size >= 1e10 ? 1e9 : size >= 1e7 ? 1e6 : size >= 1e4 ? 1e3 : 1;
    String name = unit == 1e9 ? "G" : unit == 1e6 ? "M" : unit == 1e3 ? "k" : "";
    return fixed(at / unit, step / unit) + name;
  }

  /** With as many decimals as the distance of marks needs. */
  private static String fixed(double value, double step) {
    int decimals = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%." + decimals + "f", value).replace('-', '\u2212');
  }

  private static String whole(int value) {
    return Integer.toString(value);
  }

  /** Where a value lies: 0 at the start, 1 at the end. */
  double share(double value) {
    return (value - low) / (high - low);
  }
}
