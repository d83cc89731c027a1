package dev.whetstone.training.report;

import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A line chart as inline SVG: one quantity over the steps, raw and smoothed. Colours are the
 * page's: it styles the classes {@code chart}, {@code grid}, {@code tick}, {@code raw}, {@code
 * faint}, {@code smooth} and {@code hover}.
 */
public final class LossChart {
  private static final int WIDTH = 820;
  private static final int HEIGHT = 260;
  private static final int LEFT = 56;
  private static final int BOTTOM = 34;
  private static final int TOP = 12;
  private static final int RIGHT = 12;

  /** Weight of the past in the smoothed line. */
  private static final double SMOOTHING = 0.8;

  private LossChart() {}

  /**
   * The chart.
   *
   * @param smoothed also draw an exponential moving average, as TensorBoard does, without its bias
   *     at the start
   */
  public static String svg(
      List<StepMetrics> metrics,
      ToDoubleFunction<StepMetrics> value,
      String title,
      boolean smoothed) {
    double low = metrics.stream().mapToDouble(value).min().orElse(0);
    double high = metrics.stream().mapToDouble(value).max().orElse(1);
    double room = high > low ? 0.06 * (high - low) : Math.max(1e-9, Math.abs(high) * 0.1);
    var scale =
        new Scale(low >= 0 && low < 0.3 * high ? 0 : low - room, high + room, metrics.size());
    var svg = new StringBuilder();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" class=\"chart\">"
            .formatted(WIDTH, HEIGHT, Html.escape(title)));
    for (int tick = 0; tick <= 4; tick++) {
      double at = scale.low + (scale.high - scale.low) * tick / 4;
      double y = scale.y(at);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/><text x=\"%d\""
                  + " y=\"%.1f\" class=\"tick\" text-anchor=\"end\">%s</text>",
              LEFT,
              WIDTH - RIGHT,
              y,
              y,
              LEFT - 8,
              y + 4,
              number(at)));
    }
    for (int tick = 0; tick <= 4; tick++) {
      int step = 1 + (int) Math.round((metrics.size() - 1) * tick / 4.0);
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\" class=\"tick\" text-anchor=\"middle\">%d</text>",
              scale.x(step),
              HEIGHT - BOTTOM + 18,
              step));
    }
    svg.append(
        "<text x=\"%d\" y=\"%d\" class=\"tick\" text-anchor=\"middle\">step</text>"
            .formatted((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 2));
    svg.append("<polyline class=\"raw%s\" points=\"".formatted(smoothed ? " faint" : ""));
    metrics.forEach(m -> svg.append(scale.point(m.step(), value.applyAsDouble(m))));
    svg.append("\"/>");
    if (smoothed) {
      svg.append("<polyline class=\"smooth\" points=\"");
      double mean = 0;
      double weight = 0;
      for (StepMetrics m : metrics) {
        mean = SMOOTHING * mean + (1 - SMOOTHING) * value.applyAsDouble(m);
        weight = SMOOTHING * weight + (1 - SMOOTHING);
        svg.append(scale.point(m.step(), mean / weight));
      }
      svg.append("\"/>");
    }
    metrics.forEach(
        m ->
            svg.append(
                String.format(
                    Locale.ROOT,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" class=\"hover\"><title>step %d:"
                        + " %s</title></circle>",
                    scale.x(m.step()),
                    scale.y(value.applyAsDouble(m)),
                    m.step(),
                    number(value.applyAsDouble(m)))));
    return svg.append("</svg>").toString();
  }

  private static String number(double value) {
    double size = Math.abs(value);
    if (size != 0 && size < 0.001) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.3f", value);
  }

  private record Scale(double low, double high, int steps) {
    double x(double step) {
      return steps <= 1
          ? (LEFT + WIDTH - RIGHT) / 2.0
          : LEFT + (step - 1) * (WIDTH - LEFT - RIGHT) / (steps - 1);
    }

    double y(double value) {
      return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP);
    }

    String point(double step, double value) {
      return String.format(Locale.ROOT, "%.1f,%.1f ", x(step), y(value));
    }
  }
}
