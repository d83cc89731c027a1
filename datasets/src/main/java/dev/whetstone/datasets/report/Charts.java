package dev.whetstone.datasets.report;

import dev.whetstone.datasets.rows.DropReason;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Pictures of the report as inline SVG; sizes in user units. Colours are the page's: it styles the
 * classes {@code kept}, {@code kept-soft}, {@code gone}, {@code rule}, {@code soft}, {@code small}
 * and {@code num}.
 */
public final class Charts {
  private static final int WIDTH = 1000;
  private static final int ROW = 30;
  private static final int LABEL = 170;
  private static final int NUMBERS = 190;

  /** A bar of one row among many thousand is still to be seen. */
  private static final double LEAST = 3;

  private Charts() {}

  /**
   * What is left after each reason, and what went: one line each, all bars to the scale of the rows
   * read; a line for rows that came from others, by repeating or splitting, where there are some.
   */
  public static String funnel(long read, Map<DropReason, Long> dropped, long kept) {
    long gone = dropped.values().stream().mapToLong(n -> n).sum();
    int height = ROW * (dropped.size() + (kept > read - gone ? 3 : 2)) + 6;
    var svg =
        new StringBuilder(
            open(
                height,
                "From %s rows read to %s kept".formatted(Html.number(read), Html.number(kept))));
    double scale = (WIDTH - LABEL - NUMBERS) / (double) Math.max(1, read);
    line(svg, 0, "read", Html.number(read) + " rows", "kept-soft", read * scale, 0);
    long left = read;
    int row = 1;
    for (var entry : dropped.entrySet()) {
      long here = entry.getValue();
      left -= here;
      String numbers =
          here == 0
              ? "none"
              : "\u2212%s (%s)".formatted(Html.number(here), Html.percent((double) here / read));
      line(
          svg,
          row++,
          entry.getKey().key(),
          numbers,
          "kept-soft",
          left * scale,
          here == 0 ? 0 : Math.max(LEAST, here * scale));
    }
    if (kept > left) {
      String more = "+" + Html.number(kept - left);
      line(svg, row++, "repeated or split", more, "kept-soft", kept * scale, 0);
    }
    String share = read == 0 ? "" : " (" + Html.percent((double) kept / read) + ")";
    line(svg, row, "kept", Html.number(kept) + share, "kept", kept * scale, 0);
    return svg.append("</svg>").toString();
  }

  private static void line(
      StringBuilder svg,
      int row,
      String label,
      String numbers,
      String style,
      double bar,
      double gone) {
    int y = row * ROW + 4;
    boolean ends = label.equals("read") || label.equals("kept");
    boolean quiet = !ends && gone == 0;
    svg.append(
        format(
            "<text x=\"0\" y=\"%d\"%s%s>%s</text>",
            y + 16, quiet ? " class=\"soft\"" : "", ends ? " font-weight=\"600\"" : "", label));
    svg.append(
        format(
            "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.2f\" height=\"20\" rx=\"2\"/>",
            style, LABEL, y, bar));
    if (gone > 0) {
      svg.append(
          format(
              "<rect class=\"gone\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"20\" rx=\"2\"/>",
              LABEL + bar, y, gone));
    }
    svg.append(
        format(
            "<text class=\"num%s\" x=\"%d\" y=\"%d\" text-anchor=\"end\"%s>%s</text>",
            quiet ? " soft" : "", WIDTH, y + 16, ends ? " font-weight=\"600\"" : "", numbers));
  }

  /**
   * A histogram of values in 0..limit.
   *
   * @param unit of the values, for the axis
   * @param what is counted, for the alternative text
   */
  public static String histogram(int[] values, int limit, String unit, String what) {
    int width = 480;
    int height = 190;
    int base = 150;
    int bins = 24;
    int most = Arrays.stream(values).max().orElse(0);
    int span = Math.max(bins, Math.min(limit, nice(most)));
    int[] counts = new int[bins];
    for (int value : values) {
      counts[(int) Math.min(bins - 1L, (long) value * bins / span)]++;
    }
    int top = Math.max(1, Arrays.stream(counts).max().orElse(1));
    double bar = (width - 10) / (double) bins;
    var svg =
        new StringBuilder(
            format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                width, height, Html.escape(what)));
    for (int b = 0; b < bins; b++) {
      double h = counts[b] == 0 ? 0 : Math.max(1.5, counts[b] * 128.0 / top);
      svg.append(
          format(
              "<rect class=\"kept\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"><title>%d"
                  + " to %d %s: %s</title></rect>",
              b * bar,
              base - h,
              bar - 1.5,
              h,
              (long) b * span / bins,
              (long) (b + 1) * span / bins,
              unit,
              Html.number(counts[b])));
    }
    svg.append(
        format(
            "<line class=\"rule\" x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
            base, width - 10, base));
    for (int tick = 0; tick <= 4; tick++) {
      double x = tick * (width - 10) / 4.0;
      String anchor = tick == 0 ? "start" : tick == 4 ? "end" : "middle";
      svg.append(
          format(
              "<text class=\"soft small num\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s%s</text>",
              x,
              base + 18,
              anchor,
              Html.number((long) span * tick / 4),
              tick == 4 ? " " + unit : ""));
    }
    svg.append(
        format(
            "<text class=\"soft small num\" x=\"0\" y=\"14\">%s</text>",
            "most: " + Html.number(top)));
    return svg.append("</svg>").toString();
  }

  /** The next round number, so that ticks at quarters are whole. */
  private static int nice(int value) {
    int step = value > 2000 ? 400 : value > 400 ? 80 : 40;
    return Math.max(step, (value + step - 1) / step * step);
  }

  /** Packs as columns of what is filled and what is padding; the first {@code limit} of them. */
  public static String packs(List<Integer> tokens, int capacity, int limit) {
    int shown = Math.min(limit, tokens.size());
    int width = 480;
    int height = 190;
    var svg =
        new StringBuilder(
            format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"How full each of the first %d"
                    + " packs is\">",
                width, height, shown));
    double column = (width - 10) / (double) Math.max(1, shown);
    double gap = Math.min(1.5, column * 0.2);
    for (int i = 0; i < shown; i++) {
      double filled = 140.0 * tokens.get(i) / capacity;
      svg.append(
          format(
              "<rect class=\"gone\" opacity=\"0.35\" x=\"%.2f\" y=\"10\" width=\"%.2f\""
                  + " height=\"140\"/>",
              i * column, column - gap));
      svg.append(
          format(
              "<rect class=\"kept\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\""
                  + " height=\"%.2f\"><title>pack %d: %d of %d tokens</title></rect>",
              i * column, 150 - filled, column - gap, filled, i, tokens.get(i), capacity));
    }
    svg.append(
        format(
            "<text class=\"soft small\" x=\"0\" y=\"168\">%s, green is filled</text>",
            shown == tokens.size()
                ? "all packs"
                : "the first %d of %s packs".formatted(shown, Html.number(tokens.size()))));
    return svg.append("</svg>").toString();
  }

  private static String open(int height, String label) {
    return format(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
        WIDTH, height, Html.escape(label));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
