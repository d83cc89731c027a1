package dev.whetstone.eval.metric;

import dev.whetstone.eval.task.OutputType;

/** Whether the model itself would have written a right continuation. */
final class GreedyMatch implements Metric {
  static final MetricKind OF_CHOICE =
      new MetricKind("exact_match", OutputType.MULTIPLE_CHOICE, arguments -> new GreedyMatch());
  static final MetricKind OF_CONTINUATION =
      new MetricKind(
          "acc",
          OutputType.LOGLIKELIHOOD,
          arguments -> document -> document.greedy().get(0) ? 1L : 0L);

  private GreedyMatch() {}

  @Override
  public Number score(ScoredDocument document) {
    for (int gold : document.goldChoices()) {
      if (gold >= 0 && document.greedy().get(gold)) {
        return 1L;
      }
    }
    return 0L;
  }
}
