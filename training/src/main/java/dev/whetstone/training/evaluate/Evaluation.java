package dev.whetstone.training.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One measurement, a line of {@code evaluations.jsonl}.
 *
 * @param step optimizer steps taken
 * @param lossNats mean loss on the validation split
 * @param more what the objective tells beside it, by name
 * @param scores of benchmarks: by task and metric, such as {@code gsm8k/exact_match}
 * @param seconds that it took
 */
public record Evaluation(
    int step,
    double lossNats,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Double> more,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Double> scores,
    double seconds) {
  public Evaluation {
    more = more == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(more));
    scores = scores == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(scores));
  }
}
