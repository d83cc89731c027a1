package dev.whetstone.leaderboard.entry;

import static java.util.Objects.requireNonNull;

import java.util.OptionalDouble;

/**
 * One metric of one task.
 *
 * @param key metric and filter, such as {@code acc,none}
 * @param value empty where the file says NaN
 * @param standardError empty where the file says {@code N/A}
 */
public record Metric(
    String key, OptionalDouble value, OptionalDouble standardError, boolean higherIsBetter) {
  public Metric {
    requireNonNull(key, "key is null");
    value.ifPresent(v -> checkFinite(key, v));
    standardError.ifPresent(v -> checkFinite(key, v));
  }

  /** The metric without its filter. */
  public String name() {
    int comma = key.indexOf(',');
    return comma < 0 ? key : key.substring(0, comma);
  }

  private static void checkFinite(String key, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(key + " must be finite: " + value);
    }
  }
}
