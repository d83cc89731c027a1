package dev.whetstone.eval.metric;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.eval.task.OutputType;
import java.util.Optional;

/**
 * 1 if the whole answer is one JSON object that equals a target: same keys in any order, same
 * values, texts compared without white space around them, numbers as numbers (1 equals 1.0). Text
 * before or after the object makes it 0. Ours; lm-eval has no such metric.
 */
final class JsonExactMatch implements Metric {
  static final MetricKind KIND =
      new MetricKind(
          "json_exact_match", OutputType.GENERATE_UNTIL, arguments -> new JsonExactMatch());

  private JsonExactMatch() {}

  @Override
  public Number score(ScoredDocument document) {
    Optional<JsonNode> answer = JsonAnswer.object(document.text().orElseThrow());
    return answer.isPresent()
            && document.goldTexts().stream()
                .anyMatch(gold -> JsonAnswer.same(JsonAnswer.target(gold), answer.get()))
        ? 1.0
        : 0.0;
  }

  @Override
  public Optional<String> remark(ScoredDocument document) {
    return JsonAnswer.object(document.text().orElseThrow()).isPresent()
        ? Optional.empty()
        : Optional.of(JsonAnswer.UNPARSED);
  }
}
