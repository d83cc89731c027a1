package dev.whetstone.leaderboard.page;

import dev.whetstone.leaderboard.verdict.Estimate;
import dev.whetstone.statistics.Interval;
import dev.whetstone.statistics.PairedDifference;
import java.util.Locale;
import java.util.Optional;

/**
 * Where to draw a value and its interval on a line of {@link #WIDTH} units.
 *
 * @param at place of the value
 * @param low place of the interval's lower end
 * @param width of the interval
 */
public record ErrorBar(String at, String low, String width) {
  /** Units of the whole line. */
  public static final double WIDTH = 100;

  private static final double MARGIN = 1.05;

  /** On a scale from {@code from} to {@code to}; none where there is no interval to show. */
  static Optional<ErrorBar> of(Estimate estimate, double from, double to) {
    if (estimate.value().isEmpty() || estimate.interval().isEmpty() || !(from < to)) {
      return Optional.empty();
    }
    Interval interval = estimate.interval().get();
    double low = place(interval.low(), from, to);
    double high = place(interval.high(), from, to);
    return Optional.of(
        new ErrorBar(
            text(place(estimate.value().getAsDouble(), from, to)), text(low), text(high - low)));
  }

  /** A difference on a scale that {@code reach} nearly fills on both sides of no difference. */
  static Optional<ErrorBar> of(PairedDifference difference, double reach) {
    if (difference.interval().isEmpty() || !(reach > 0)) {
      return Optional.empty();
    }
    double end = MARGIN * reach;
    double low = place(difference.interval().get().low(), -end, end);
    double high = place(difference.interval().get().high(), -end, end);
    return Optional.of(
        new ErrorBar(text(place(difference.value(), -end, end)), text(low), text(high - low)));
  }

  private static double place(double value, double from, double to) {
    return Math.max(0, Math.min(WIDTH, WIDTH * (value - from) / (to - from)));
  }

  private static String text(double place) {
    return String.format(Locale.ROOT, "%.2f", place);
  }
}
