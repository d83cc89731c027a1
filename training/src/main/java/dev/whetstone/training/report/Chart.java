package dev.whetstone.training.report;

import dev.whetstone.training.report.Series.Look;
import dev.whetstone.training.report.Series.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Quantities over steps as inline SVG. Colours are the page's: it styles the classes {@code chart},
 * {@code grid}, {@code tick}, {@code line}, {@code faint}, {@code dot}, {@code mark}, {@code hover}
 * and, for the colour of each series, {@code s0} to {@code s5}.
 *
 * @param title for those who hear the page
 * @param wide whether it takes the page's whole width, or half of it
 * @param series at most {@link #COLOURS}
 * @param marked a step that is pointed out
 */
record Chart(String title, boolean wide, List<Series> series, OptionalInt marked) {
  static final int COLOURS = 6;

  /** Points of a line: more than there are pixels to show them. */
  private static final int POINTS = 600;

  /** Fewer points need no average. */
  static final int LEAST_SMOOTHED = 10;

  private static final int TOP = 12;
  private static final int BOTTOM = 40;
  private static final int RIGHT = 14;

  /** Width of a digit, roughly; text is measured nowhere else. */
  private static final double DIGIT = 6.6;

  Chart {
    series = List.copyOf(series);
    if (series.size() > COLOURS) {
      throw new IllegalArgumentException(
          "at most %d series a chart: %d".formatted(COLOURS, series.size()));
    }
  }

  static Chart half(String title, List<Series> series) {
    return new Chart(title, false, series, OptionalInt.empty());
  }

  /** Steps that the moving average is taken over, by how many there are. */
  static int window(int steps) {
    return Math.max(5, steps / 40);
  }

  /** How many values cannot be drawn. */
  long notFinite() {
    return all().filter(point -> !point.isFinite()).count();
  }

  private Stream<Point> all() {
    return series.stream().flatMap(each -> each.points().stream());
  }

  /** The picture; empty where there is no finite value. */
  /** Which colour is which series; the page styles {@code legend}. */
  String legend() {
    var html = new StringBuilder("<div class=\"legend\">");
    for (int i = 0; i < series.size(); i++) {
      html.append(
              "<span><svg viewBox=\"0 0 16 10\" aria-hidden=\"true\"><line x1=\"0\" x2=\"16\""
                  + " y1=\"5\" y2=\"5\" class=\"s%d\"/>%s</svg>"
                      .formatted(
                          i,
                          series.get(i).look() == Look.DOTS
                              ? "<circle cx=\"8\" cy=\"5\" r=\"3.5\" class=\"dot s%d\"/>"
                                  .formatted(i)
                              : ""))
          .append(Html.escape(series.get(i).name()))
          .append("</span>");
    }
    return html.append("</div>").toString();
  }

  String svg() {
    List<Point> finite = all().filter(Point::isFinite).toList();
    if (finite.isEmpty()) {
      return "";
    }
    int first = finite.stream().mapToInt(Point::step).min().orElseThrow();
    int last = finite.stream().mapToInt(Point::step).max().orElseThrow();
    double low = finite.stream().mapToDouble(Point::value).min().orElseThrow();
    double high = finite.stream().mapToDouble(Point::value).max().orElseThrow();
    Axis values = Axis.around(low, high, 5);
    int longest = values.labels().stream().mapToInt(String::length).max().orElse(1);
    var frame =
        new Frame(
            wide ? 960 : 460,
            wide ? 300 : 210,
            (int) (14 + DIGIT * longest),
            Axis.steps(first, last, wide ? 10 : 6),
            values);
    var svg = new StringBuilder();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" class=\"chart\">"
            .formatted(frame.width, frame.height, Html.escape(title)));
    grid(svg, frame);
    for (int colour = 0; colour < series.size(); colour++) {
      lines(svg, frame, series.get(colour), colour);
    }
    marked.ifPresent(step -> mark(svg, frame, step));
    hovers(svg, frame, finite);
    for (int colour = 0; colour < series.size(); colour++) {
      dots(svg, frame, series.get(colour), colour);
    }
    return svg.append("</svg>").toString();
  }

  private static void grid(StringBuilder svg, Frame frame) {
    for (int i = 0; i < frame.values.marks().size(); i++) {
      double y = frame.y(frame.values.marks().get(i));
      add(
          svg,
          "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>",
          frame.left,
          frame.width - RIGHT,
          y,
          y);
      add(
          svg,
          "<text x=\"%d\" y=\"%.1f\" class=\"tick\" text-anchor=\"end\">%s</text>",
          frame.left - 8,
          y + 4,
          frame.values.labels().get(i));
    }
    for (int i = 0; i < frame.steps.marks().size(); i++) {
      add(
          svg,
          "<text x=\"%.1f\" y=\"%d\" class=\"tick\" text-anchor=\"middle\">%s</text>",
          frame.x(frame.steps.marks().get(i)),
          frame.height - BOTTOM + 18,
          frame.steps.labels().get(i));
    }
    add(
        svg,
        "<text x=\"%d\" y=\"%d\" class=\"tick\" text-anchor=\"middle\">step</text>",
        (frame.left + frame.width - RIGHT) / 2,
        frame.height - 4);
  }

  private static void lines(StringBuilder svg, Frame frame, Series series, int colour) {
    List<Point> points = series.finite();
    boolean smoothed = series.look() == Look.SMOOTHED && points.size() >= LEAST_SMOOTHED;
    line(svg, frame, points, "s%d%s".formatted(colour, smoothed ? " faint" : ""));
    if (smoothed) {
      List<Point> smooth = Series.smoothed(points, window(points.size()));
      line(svg, frame, smooth, "s" + colour);
    }
  }

  private static void line(StringBuilder svg, Frame frame, List<Point> points, String classes) {
    if (points.size() == 1) { // a line of one point is not seen
      dot(svg, frame, points.get(0), classes, 3, "");
      return;
    }
    add(svg, "<polyline class=\"line %s\" points=\"", classes);
    for (Point point : Series.thinned(points, POINTS)) {
      add(svg, "%.1f,%.1f ", frame.x(point.step()), frame.y(point.value()));
    }
    svg.append("\"/>");
  }

  private static void mark(StringBuilder svg, Frame frame, int step) {
    double x = frame.x(step);
    if (x < frame.left - 1 || x > frame.width - RIGHT + 1) {
      return;
    }
    boolean atTheEnd = x > frame.width - 130;
    add(
        svg,
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" class=\"mark\"/>",
        x,
        x,
        TOP,
        frame.height - BOTTOM);
    add(
        svg,
        "<text x=\"%.1f\" y=\"%d\" class=\"tick\" text-anchor=\"%s\">chosen: step %d</text>",
        x + (atTheEnd ? -6 : 6),
        TOP + 9,
        atTheEnd ? "end" : "start",
        step);
  }

  /** Columns that together cover the chart, each with the values of a step in it. */
  private void hovers(StringBuilder svg, Frame frame, List<Point> finite) {
    int[] steps = finite.stream().mapToInt(Point::step).distinct().sorted().toArray();
    int columns = Math.min(steps.length, wide ? 240 : 120);
    var byStep = new ArrayList<TreeMap<Integer, Double>>();
    for (Series each : series) {
      var values = new TreeMap<Integer, Double>();
      each.finite().forEach(point -> values.put(point.step(), point.value()));
      byStep.add(values);
    }
    double width = (frame.width - RIGHT - frame.left) / (double) columns;
    for (int column = 0; column < columns; column++) {
      double centre = frame.left + (column + 0.5) * width;
      int step =
          IntStream.of(steps)
              .boxed()
              .min(Comparator.comparingDouble(at -> Math.abs(frame.x(at) - centre)))
              .orElseThrow();
      add(
          svg,
          "<rect x=\"%.1f\" y=\"%d\" width=\"%.2f\" height=\"%d\" class=\"hover\"><title>step %d",
          frame.left + column * width,
          TOP,
          width,
          frame.height - BOTTOM - TOP,
          step);
      for (int i = 0; i < series.size(); i++) {
        Double value = byStep.get(i).get(step);
        if (value != null) {
          add(svg, "\n%s: %s", Html.escape(series.get(i).name()), Figures.number(value));
        }
      }
      svg.append("</title></rect>");
    }
  }

  private static void dots(StringBuilder svg, Frame frame, Series series, int colour) {
    if (series.look() != Look.DOTS) {
      return;
    }
    List<Point> points = series.finite();
    for (Point point : points.size() > POINTS ? List.<Point>of() : points) {
      String title =
          "step %d\n%s: %s".formatted(point.step(), series.name(), Figures.number(point.value()));
      dot(svg, frame, point, "s" + colour, points.size() > 60 ? 2 : 4, title);
    }
  }

  private static void dot(
      StringBuilder svg, Frame frame, Point point, String classes, int radius, String title) {
    add(
        svg,
        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" class=\"dot %s\"><title>%s</title></circle>",
        frame.x(point.step()),
        frame.y(point.value()),
        radius,
        classes,
        Html.escape(title));
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }

  /** Where the picture's parts lie, in user units. */
  private record Frame(int width, int height, int left, Axis steps, Axis values) {
    double x(double step) {
      return left + steps.share(step) * (width - left - RIGHT);
    }

    double y(double value) {
      return height - BOTTOM - values.share(value) * (height - BOTTOM - TOP);
    }
  }
}
