package dev.whetstone.statistics;

import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/** Quantiles of the standard distributions. */
final class Quantiles {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  private Quantiles() {}

  /** z such that a standard normal lies inside ±z with probability {@code confidence}. */
  static double twoSidedNormal(double confidence) {
    Interval.checkConfidence(confidence);
    return NORMAL.inverseSurvivalProbability((1 - confidence) / 2);
  }

  /** z that a standard normal stays below with probability {@code probability}. */
  static double normal(double probability) {
    return NORMAL.inverseCumulativeProbability(probability);
  }

  /** t such that Student's t lies inside ±t with probability {@code confidence}. */
  static double twoSidedStudent(double confidence, double degreesOfFreedom) {
    Interval.checkConfidence(confidence);
    return TDistribution.of(degreesOfFreedom).inverseSurvivalProbability((1 - confidence) / 2);
  }
}
