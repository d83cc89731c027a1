package dev.whetstone.leaderboard.page;

import dev.whetstone.statistics.Interval;
import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them on the board. Shares of 1 are shown in points of 100. */
final class Numbers {
  static final String NONE = "–";
  private static final double SMALLEST_P = 1e-4;

  private Numbers() {}

  /** Whether a metric with this value and interval is a share that reads best in points. */
  static boolean isShare(double value) {
    return value >= 0 && value <= 1;
  }

  static String value(double value, boolean share) {
    return share ? format("%.1f", 100 * value) : format("%.3f", value);
  }

  static String signed(double value, boolean share) {
    String text = share ? format("%+.1f", 100 * value) : format("%+.3f", value);
    return text.replace('-', '−');
  }

  static String interval(Interval interval, boolean share) {
    return (value(interval.low(), share) + " to " + value(interval.high(), share))
        .replace('-', '−');
  }

  static String p(double p) {
    return p < SMALLEST_P ? "p < 0.0001" : format(p < 0.01 ? "p = %.4f" : "p = %.2f", p);
  }

  static String percent(double share) {
    return format("%.0f %%", 100 * share);
  }

  static String count(long n) {
    return format("%,d", n).replace(',', '\u202f');
  }

  static String duration(double seconds) {
    if (seconds < 120) {
      return format(seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }
    Duration duration = Duration.ofSeconds(Math.round(seconds));
    return duration.toHours() > 0
        ? "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart())
        : "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart());
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
