package dev.whetstone.eval.metric;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.eval.task.OutputType;
import java.util.Map;
import java.util.Optional;

/**
 * F1 over the key and value pairs of one JSON object, per document: 2 · right / (pairs of the
 * answer + pairs of the target), the best of several targets. A pair is right if the target has the
 * key with the same value ({@link JsonExactMatch} says what is the same). An answer that is not one
 * JSON object scores 0 and is counted as unparsed. Ours; lm-eval has no such metric.
 */
final class JsonFieldF1 implements Metric {
  static final MetricKind KIND =
      new MetricKind("json_field_f1", OutputType.GENERATE_UNTIL, arguments -> new JsonFieldF1());

  private JsonFieldF1() {}

  @Override
  public Number score(ScoredDocument document) {
    Optional<JsonNode> answer = JsonAnswer.object(document.text().orElseThrow());
    if (answer.isEmpty()) {
      return 0.0;
    }
    double best = 0;
    for (String gold : document.goldTexts()) {
      best = Math.max(best, f1(answer.get(), JsonAnswer.target(gold)));
    }
    return best;
  }

  private static double f1(JsonNode answer, JsonNode target) {
    int pairs = answer.size() + target.size();
    if (pairs == 0) {
      return 1;
    }
    int right = 0;
    for (Map.Entry<String, JsonNode> entry : answer.properties()) {
      JsonNode wanted = target.get(entry.getKey());
      if (wanted != null && JsonAnswer.same(entry.getValue(), wanted)) {
        right++;
      }
    }
    return 2.0 * right / pairs;
  }

  @Override
  public Optional<String> remark(ScoredDocument document) {
    return JsonAnswer.object(document.text().orElseThrow()).isPresent()
        ? Optional.empty()
        : Optional.of(JsonAnswer.UNPARSED);
  }
}
