package dev.whetstone.training.evaluate;

import java.util.List;

/**
 * When a run has stopped getting better: as transformers' EarlyStoppingCallback counts
 * (trainer_callback.py).
 */
public final class EarlyStopping {
  private EarlyStopping() {}

  /** Measurements since the last one whose loss was lower than every one before it by delta. */
  public static int withoutProgress(List<Evaluation> evaluations, double minDelta) {
    double best = Double.POSITIVE_INFINITY;
    int since = 0;
    for (Evaluation evaluation : evaluations) {
      if (evaluation.lossNats() < best - minDelta) {
        best = evaluation.lossNats();
        since = 0;
      } else {
        since++;
      }
    }
    return since;
  }

  /** The step of the lowest loss, the first of equals; -1 without measurements. */
  public static int bestStep(List<Evaluation> evaluations) {
    int step = -1;
    double best = Double.POSITIVE_INFINITY;
    for (Evaluation evaluation : evaluations) {
      if (evaluation.lossNats() < best) {
        best = evaluation.lossNats();
        step = evaluation.step();
      }
    }
    return step;
  }
}
