package dev.whetstone.training.objective;

/**
 * KTO's loss of one answer that is labelled good or bad (trl/trainer/kto_trainer.py, loss_type
 * kto).
 *
 * @param loss in [0, weight]
 * @param slope along the answer's summed log-probability
 * @param reward β times the log-ratio to the base model
 */
public record LabelledLoss(double loss, double slope, double reward) {
  /**
   * The loss of an answer.
   *
   * @param logRatio of its summed log-probability to the base model's, nats
   * @param divergence mean log-ratio of mismatched answers, at least 0, taken for a constant
   */
  public static LabelledLoss of(
      Objective objective, boolean good, double logRatio, double divergence) {
    double sign = good ? 1 : -1;
    double weight = good ? objective.desirable() : objective.undesirable();
    double sigmoid = PairLoss.sigmoid(sign * objective.beta() * (logRatio - divergence));
    return new LabelledLoss(
        weight * (1 - sigmoid),
        -sign * weight * objective.beta() * sigmoid * (1 - sigmoid),
        objective.beta() * logRatio);
  }
}
