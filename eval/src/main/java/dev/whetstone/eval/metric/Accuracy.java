package dev.whetstone.eval.metric;

import dev.whetstone.eval.task.OutputType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Whether the likeliest choice is a right one: by the sum of its log-probabilities, per character
 * (code point) or per byte. The first of equals wins. As {@code lm_eval/api/task.py}.
 */
final class Accuracy implements Metric {
  static final MetricKind BY_SUM = kind("acc", choice -> 1);
  static final MetricKind BY_CHARACTERS =
      kind("acc_norm", choice -> choice.codePointCount(0, choice.length()));
  static final MetricKind BY_BYTES =
      kind("acc_bytes", choice -> choice.getBytes(StandardCharsets.UTF_8).length);

  private final ToDoubleFunction<String> length;

  private Accuracy(ToDoubleFunction<String> length) {
    this.length = length;
  }

  private static MetricKind kind(String name, ToDoubleFunction<String> length) {
    return new MetricKind(name, OutputType.MULTIPLE_CHOICE, arguments -> new Accuracy(length));
  }

  @Override
  public Number score(ScoredDocument document) {
    int best = 0;
    double highest = Double.NEGATIVE_INFINITY;
    List<Double> sums = document.logLikelihoods();
    for (int i = 0; i < sums.size(); i++) {
      double value = sums.get(i) / length.applyAsDouble(document.choices().get(i));
      if (value > highest) {
        highest = value;
        best = i;
      }
    }
    return document.goldChoices().contains(best) ? 1.0 : 0.0;
  }

  @Override
  public Optional<String> remark(ScoredDocument document) {
    return document.goldChoices().contains(ScoredDocument.NO_CHOICE)
        ? Optional.of("goldOutsideChoices")
        : Optional.empty();
  }
}
