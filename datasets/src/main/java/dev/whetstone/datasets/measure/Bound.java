package dev.whetstone.datasets.measure;

/**
 * Where a row is kept.
 *
 * @param min least value, null for none
 * @param max greatest value, null for none
 */
public record Bound(Double min, Double max) {
  /** Everything is kept. */
  public static final Bound NONE = new Bound(null, null);

  public Bound {
    if (min != null && max != null && !(min <= max)) {
      throw new IllegalArgumentException("min must be <= max: %s and %s".formatted(min, max));
    }
    if ((min != null && !Double.isFinite(min)) || (max != null && !Double.isFinite(max))) {
      throw new IllegalArgumentException("a bound must be finite: %s and %s".formatted(min, max));
    }
  }

  static Bound atMost(double max) {
    return new Bound(null, max);
  }

  static Bound atLeast(double min) {
    return new Bound(min, null);
  }

  static Bound within(double min, double max) {
    return new Bound(min, max);
  }

  /** Whether nothing is refused. */
  public boolean isOpen() {
    return min == null && max == null;
  }

  /** Whether {@code value} is refused; NaN, which judges nothing, is not. */
  public boolean refuses(double value) {
    return (min != null && value < min) || (max != null && value > max);
  }

  /** Such as {@code at least 3 and at most 10}. */
  @Override
  public String toString() {
    if (isOpen()) {
      return "any";
    }
    String least = min == null ? "" : "at least " + number(min);
    String most = max == null ? "" : "at most " + number(max);
    return least + (least.isEmpty() || most.isEmpty() ? "" : " and ") + most;
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
