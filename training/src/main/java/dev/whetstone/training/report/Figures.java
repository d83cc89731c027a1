package dev.whetstone.training.report;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
  private Figures() {}

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Four digits that count; nothing is rounded to zero. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "not a number" : value > 0 ? "infinite" : "\u2212infinite";
    }
    double size = Math.abs(value);
    if (size == 0) {
      return "0";
    }
    if (size < 1e-3) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    int decimals =
        size >= 1000
            ? 0
            : size >= 100 ? (size == Math.rint(size) ? 0 : 1) : size >= 10 ? 2 : size >= 1 ? 3 : 4;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  static String nats(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : number(value);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** With its sign: by how much {@code now} differs from {@code before}. */
  static String change(long before, long now) {
    return String.format(Locale.ROOT, "%+.1f %%", 100.0 * (now - before) / before)
        .replace('-', '\u2212');
  }

  static String bytes(long bytes) {
    return bytes >= 1e8
        ? String.format(Locale.ROOT, "%.2f GB", bytes / 1e9)
        : String.format(Locale.ROOT, "%.2f MB", bytes / 1e6);
  }

  /** The two largest units. */
  static String time(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return "%d min %02d s".formatted(seconds / 60, seconds % 60);
    }
    if (seconds < 86_400) {
      return "%d h %02d min".formatted(seconds / 3600, seconds % 3600 / 60);
    }
    return "%d d %d h".formatted(seconds / 86_400, seconds % 86_400 / 3600);
  }

  /** Operations a second. */
  static String operations(double perSecond) {
    return perSecond >= 1e12
        ? number(perSecond / 1e12) + " TFLOP/s"
        : number(perSecond / 1e9) + " GFLOP/s";
  }
}
