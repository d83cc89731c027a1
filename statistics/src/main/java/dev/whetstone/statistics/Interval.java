package dev.whetstone.statistics;

/**
 * A confidence interval. It always has a width: where the data show no spread, a method returns no
 * interval instead of a point.
 *
 * @param low lower bound, below {@code high}
 * @param high upper bound
 * @param confidence such as 0.95; inside (0, 1)
 */
public record Interval(double low, double high, double confidence) {
  public Interval {
    if (!(low < high)) { // refuses NaN too
      throw new IllegalArgumentException("low must be < high: " + low + ", " + high);
    }
    checkConfidence(confidence);
  }

  /** {@code value} ± z standard errors, for a large sample; {@code standardError} is above 0. */
  public static Interval normal(double value, double standardError, double confidence) {
    double half = Quantiles.twoSidedNormal(confidence) * standardError;
    return new Interval(value - half, value + half, confidence);
  }

  /**
   * {@code value} ± t standard errors of a Student's t distribution; {@code standardError} is above
   * 0.
   */
  public static Interval student(
      double value, double standardError, double degreesOfFreedom, double confidence) {
    double half = Quantiles.twoSidedStudent(confidence, degreesOfFreedom) * standardError;
    return new Interval(value - half, value + half, confidence);
  }

  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  /** The interval of the negated quantity: that of a difference when its two sides swap. */
  public Interval negated() {
    return new Interval(-high, -low, confidence);
  }

  static void checkConfidence(double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("confidence must be inside (0, 1): " + confidence);
    }
  }
}
