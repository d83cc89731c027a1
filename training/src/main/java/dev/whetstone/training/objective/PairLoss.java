package dev.whetstone.training.objective;

/**
 * The loss of one pair, and its slopes.
 *
 * @param loss in nats
 * @param chosenSlope of the loss along the chosen side's summed log-probability
 * @param rejectedSlope of the loss along the rejected side's
 * @param chosenReward what the loss takes for the worth of the chosen side
 * @param rejectedReward of the rejected side
 */
public record PairLoss(
    double loss,
    double chosenSlope,
    double rejectedSlope,
    double chosenReward,
    double rejectedReward) {

  /**
   * Summed log-probabilities of the two answers' targets in nats, by the model and by its base, and
   * how many targets each has.
   */
  public record Sums(
      double chosen,
      double rejected,
      double chosenBase,
      double rejectedBase,
      int chosenTargets,
      int rejectedTargets) {}

  /**
   * The loss of a pair. ORPO's also has the cross-entropy of the chosen side, which is summed over
   * a whole step and therefore not in here.
   *
   * @throws IllegalArgumentException for an objective without pairs
   */
  public static PairLoss of(Objective objective, Sums sums) {
    return switch (objective.kind()) {
      case DPO -> dpo(objective, sums);
      case IPO -> ipo(objective, sums);
      case ORPO -> orpo(objective, sums);
      case SIMPO -> simpo(objective, sums);
      case SFT, KTO -> throw new IllegalArgumentException(objective.kind().key() + " has no pairs");
    };
  }

  /** trl/trainer/dpo_trainer.py, loss_type sigmoid; smoothing as in trl/experimental/cpo. */
  private static PairLoss dpo(Objective objective, Sums sums) {
    double beta = objective.beta();
    double chosen = sums.chosen - sums.chosenBase;
    double rejected = sums.rejected - sums.rejectedBase;
    Logistic logistic = Logistic.of(beta * (chosen - rejected), objective.smoothing());
    return new PairLoss(
        logistic.loss,
        beta * logistic.slope,
        -beta * logistic.slope,
        beta * chosen,
        beta * rejected);
  }

  /** trl/trainer/dpo_trainer.py, loss_type ipo. */
  private static PairLoss ipo(Objective objective, Sums sums) {
    double beta = objective.beta();
    double chosen = sums.chosen - sums.chosenBase;
    double rejected = sums.rejected - sums.rejectedBase;
    double apart = chosen / sums.chosenTargets - rejected / sums.rejectedTargets - 1 / (2 * beta);
    return new PairLoss(
        apart * apart,
        2 * apart / sums.chosenTargets,
        -2 * apart / sums.rejectedTargets,
        beta * chosen,
        beta * rejected);
  }

  /** trl/experimental/orpo/orpo_trainer.py, odds_ratio_loss. */
  private static PairLoss orpo(Objective objective, Sums sums) {
    double beta = objective.beta();
    double chosen = sums.chosen / sums.chosenTargets;
    double rejected = sums.rejected / sums.rejectedTargets;
    double logOdds = (chosen - log1mexp(chosen)) - (rejected - log1mexp(rejected));
    Logistic logistic = Logistic.of(logOdds, 0);
    // The slope of x − log(1 − e^x) is 1 / (1 − e^x).
    return new PairLoss(
        beta * logistic.loss,
        -beta * logistic.slope / Math.expm1(chosen) / sums.chosenTargets,
        beta * logistic.slope / Math.expm1(rejected) / sums.rejectedTargets,
        beta * chosen,
        beta * rejected);
  }

  /** trl/experimental/cpo/cpo_trainer.py, loss_type simpo with cpo_alpha 0. */
  private static PairLoss simpo(Objective objective, Sums sums) {
    double beta = objective.beta();
    double chosen = sums.chosen / sums.chosenTargets;
    double rejected = sums.rejected / sums.rejectedTargets;
    Logistic logistic =
        Logistic.of(beta * (chosen - rejected) - objective.gamma(), objective.smoothing());
    return new PairLoss(
        logistic.loss,
        beta * logistic.slope / sums.chosenTargets,
        -beta * logistic.slope / sums.rejectedTargets,
        beta * chosen,
        beta * rejected);
  }

  /**
   * log(1 − e^x) for x < 0, without cancellation (Mächler 2012, "Accurately computing log1mexp").
   */
  private static double log1mexp(double x) {
    return x > -Math.log(2) ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
  }

  /** −(1 − ε) log σ(x) − ε log σ(−x), and its slope. */
  private record Logistic(double loss, double slope) {
    static Logistic of(double x, double smoothing) {
      double sigmoid = sigmoid(x);
      return new Logistic(
          (1 - smoothing) * softplus(-x) + smoothing * softplus(x), sigmoid - (1 - smoothing));
    }
  }

  static double sigmoid(double x) {
    return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
  }

  /** log(1 + e^x). */
  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }
}
