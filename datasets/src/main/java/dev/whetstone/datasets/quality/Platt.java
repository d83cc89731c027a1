package dev.whetstone.datasets.quality;

import java.util.List;

/**
 * Platt scaling: a probability of {@code 1 / (1 + exp(-(slope * logit + intercept)))}, fitted to
 * rows that the network did not learn from. J. Platt, "Probabilistic outputs for support vector
 * machines", 1999; found by Newton's method with backtracking, as H.-T. Lin, C.-J. Lin and R. Weng,
 * "A note on Platt's probabilistic outputs", Machine Learning 68, 2007, give it (their A and B are
 * our slope and intercept with the other sign).
 */
public record Platt(double slope, double intercept) {
  /** What a network says as it stands. */
  public static final Platt NONE = new Platt(1, 0);

  private static final int MAX_STEPS = 100;
  private static final double MIN_GRADIENT = 1e-5;
  private static final double MIN_STEP = 1e-10;
  private static final double RIDGE = 1e-12;
  private static final double SUFFICIENT_DECREASE = 1e-4;

  public Platt {
    if (!Double.isFinite(slope) || !Double.isFinite(intercept)) {
      throw new IllegalArgumentException(
          "slope and intercept must be finite: %s, %s".formatted(slope, intercept));
    }
  }

  /** The probability for a logit. */
  public double probability(double logit) {
    return sigmoid(slope * logit + intercept);
  }

  static double sigmoid(double x) {
    return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
  }

  /**
   * The scaling of least log loss.
   *
   * @param logits of rows that were held out
   * @param good their labels, as many
   * @throws IllegalArgumentException if either label is missing
   */
  public static Platt fit(double[] logits, List<Boolean> good) {
    long positive = good.stream().filter(g -> g).count();
    long negative = good.size() - positive;
    if (logits.length != good.size() || positive == 0 || negative == 0) {
      throw new IllegalArgumentException(
          "expected a label for each logit, and both kinds: %d logits, %d good, %d bad"
              .formatted(logits.length, positive, negative));
    }
    // Targets a little inside of 0 and 1 (Platt, section 2.2): rows that are told apart without a
    // fault would else want an endless slope.
    double high = (positive + 1.0) / (positive + 2.0);
    double low = 1 / (negative + 2.0);
    double[] targets = new double[logits.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = good.get(i) ? high : low;
    }
    double slope = 0;
    double intercept = Math.log((positive + 1.0) / (negative + 1.0));
    double loss = loss(logits, targets, slope, intercept);
    for (int step = 0; step < MAX_STEPS; step++) {
      double h11 = RIDGE;
      double h22 = RIDGE;
      double h21 = 0;
      double g1 = 0;
      double g2 = 0;
      for (int i = 0; i < logits.length; i++) {
        double p = sigmoid(slope * logits[i] + intercept);
        double curvature = p * (1 - p);
        h11 += logits[i] * logits[i] * curvature;
        h22 += curvature;
        h21 += logits[i] * curvature;
        g1 += logits[i] * (p - targets[i]);
        g2 += p - targets[i];
      }
      if (Math.abs(g1) < MIN_GRADIENT && Math.abs(g2) < MIN_GRADIENT) {
        break;
      }
      double determinant = h11 * h22 - h21 * h21;
      double d1 = -(h22 * g1 - h21 * g2) / determinant;
      double d2 = -(-h21 * g1 + h11 * g2) / determinant;
      double descent = g1 * d1 + g2 * d2;
      double size = 1;
      double next = loss(logits, targets, slope + d1, intercept + d2);
      while (!(next < loss + SUFFICIENT_DECREASE * size * descent) && size >= MIN_STEP) {
        size /= 2;
        next = loss(logits, targets, slope + size * d1, intercept + size * d2);
      }
      if (size < MIN_STEP) {
        break;
      }
      slope += size * d1;
      intercept += size * d2;
      loss = next;
    }
    return new Platt(slope, intercept);
  }

  private static double loss(double[] logits, double[] targets, double slope, double intercept) {
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      double x = slope * logits[i] + intercept;
      // -t log p - (1 - t) log(1 - p), without overflow
      sum +=
          x >= 0
              ? (1 - targets[i]) * x + Math.log1p(Math.exp(-x))
              : -targets[i] * x + Math.log1p(Math.exp(x));
    }
    return sum;
  }
}
