package dev.whetstone.datasets.report;

import dev.whetstone.datasets.quality.Prediction;
import dev.whetstone.datasets.quality.Reliability;
import dev.whetstone.datasets.quality.Roc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Pictures of a classifier's report as inline SVG; colours are the page's, as in {@link Charts}.
 */
final class QualityCharts {
  private static final int SIDE = 300;
  private static final int LEFT = 46;
  private static final int TOP = 12;
  private static final int WIDTH = LEFT + SIDE + 14;
  private static final int HEIGHT = TOP + SIDE + 46;

  /** More points than pixels show nothing. */
  private static final int MOST_POINTS = 400;

  private static final int BINS = 20;

  private QualityCharts() {}

  /** Share of good rows kept over share of bad rows kept. */
  static String roc(Roc roc) {
    StringBuilder svg =
        square(
            "Good rows kept over bad rows kept; area %.4f".formatted(roc.area()),
            "bad rows kept",
            "good rows kept");
    diagonal(svg);
    List<Roc.Point> points = thinned(roc.points());
    var path = new StringBuilder();
    for (Roc.Point point : points) {
      path.append(
          format("%s%.2f %.2f", path.isEmpty() ? "M" : "L", x(point.bad()), y(point.good())));
    }
    svg.append(format("<path class=\"curve\" d=\"%s\"/>", path));
    return svg.append("</svg>").toString();
  }

  private static List<Roc.Point> thinned(List<Roc.Point> points) {
    int step = 1 + points.size() / MOST_POINTS;
    List<Roc.Point> kept = new ArrayList<>();
    for (int i = 0; i < points.size(); i += step) {
      kept.add(points.get(i));
    }
    kept.add(points.get(points.size() - 1));
    return kept;
  }

  /** What is so over what is said; a dot's area grows with its rows. */
  static String reliability(Reliability reliability, String what) {
    StringBuilder svg =
        square(
            "%s: share that is good over what is said".formatted(what),
            "what is said",
            "what is so");
    diagonal(svg);
    long most = reliability.bins().stream().mapToLong(Reliability.Bin::rows).max().orElse(1);
    for (Reliability.Bin bin : reliability.bins()) {
      svg.append(
          format(
              "<line class=\"limit\" x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"/>",
              x(bin.said()), y(bin.said()), x(bin.said()), y(bin.good())));
      svg.append(
          format(
              "<circle class=\"kept\" cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\"><title>said %.3f, so %.3f,"
                  + " %s rows</title></circle>",
              x(bin.said()),
              y(bin.good()),
              3 + 8 * Math.sqrt((double) bin.rows() / most),
              bin.said(),
              bin.good(),
              Html.number(bin.rows())));
    }
    return svg.append("</svg>").toString();
  }

  /** How scores lie: good rows upwards, bad ones downwards, each to the scale of its own label. */
  static String scores(List<Prediction> predictions) {
    int width = WIDTH;
    int half = SIDE / 2;
    int middle = TOP + half;
    long[] good = new long[BINS];
    long[] bad = new long[BINS];
    for (Prediction p : predictions) {
      (p.good() ? good : bad)[Math.min(BINS - 1, (int) (p.probability() * BINS))]++;
    }
    var svg =
        new StringBuilder(
            format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Scores of good and bad"
                    + " rows\">",
                width, HEIGHT));
    double bar = (double) width / BINS;
    long mostGood = Math.max(1, Arrays.stream(good).max().orElse(1));
    long mostBad = Math.max(1, Arrays.stream(bad).max().orElse(1));
    for (int b = 0; b < BINS; b++) {
      double up = half * (double) good[b] / mostGood;
      double down = half * (double) bad[b] / mostBad;
      String range = format("%.2f to %.2f", (double) b / BINS, (b + 1.0) / BINS);
      svg.append(
          format(
              "<rect class=\"kept\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"><title>%s:"
                  + " %s good</title></rect>",
              b * bar, middle - up, bar - 2, up, range, Html.number(good[b])));
      svg.append(
          format(
              "<rect class=\"gone\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%.2f\"><title>%s:"
                  + " %s bad</title></rect>",
              b * bar, middle + 2, bar - 2, down, range, Html.number(bad[b])));
    }
    svg.append(
        format(
            "<line class=\"rule\" x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
            middle + 1, width, middle + 1));
    for (int tick = 0; tick <= 4; tick++) {
      String anchor = tick == 0 ? "start" : tick == 4 ? "end" : "middle";
      svg.append(
          format(
              "<text class=\"soft small num\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>",
              tick * width / 4.0, TOP + SIDE + 19, anchor, format("%.2f", tick / 4.0)));
    }
    svg.append(
        format(
            "<text class=\"soft small\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">score</text>",
            width / 2.0, HEIGHT - 8));
    return svg.append("</svg>").toString();
  }

  /** Axes from 0 to 1, open. */
  private static StringBuilder square(String label, String across, String up) {
    var svg =
        new StringBuilder(
            format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                WIDTH, HEIGHT, Html.escape(label)));
    for (int tick = 0; tick <= 4; tick++) {
      double at = tick / 4.0;
      svg.append(
          format(
              "<line class=\"rule\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
              x(0), y(at), x(1), y(at)));
      svg.append(
          format(
              "<line class=\"rule\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
              x(at), y(0), x(at), y(1)));
      svg.append(
          format(
              "<text class=\"soft small num\" x=\"%.1f\" y=\"%.1f\""
                  + " text-anchor=\"middle\">%.2f</text>",
              x(at), y(0) + 17, at));
      svg.append(
          format(
              "<text class=\"soft small num\" x=\"%.1f\" y=\"%.1f\""
                  + " text-anchor=\"end\">%.2f</text>",
              x(0) - 6, y(at) + 4, at));
    }
    svg.append(
        format(
            "<text class=\"soft small\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
            x(0.5), HEIGHT - 8, across));
    svg.append(
        format(
            "<text class=\"soft small\" transform=\"translate(11 %.1f) rotate(-90)\""
                + " text-anchor=\"middle\">%s</text>",
            y(0.5), up));
    return svg;
  }

  private static void diagonal(StringBuilder svg) {
    svg.append(
        format(
            "<line class=\"chance\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
            x(0), y(0), x(1), y(1)));
  }

  private static double x(double share) {
    return LEFT + SIDE * share;
  }

  private static double y(double share) {
    return TOP + SIDE * (1 - share);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
