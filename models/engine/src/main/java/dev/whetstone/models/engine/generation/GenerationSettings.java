package dev.whetstone.models.engine.generation;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.models.engine.schema.JsonSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that decides how a prompt is continued. Nothing is read from a model's {@code
 * generation_config.json} unless {@link GenerationConfigFile} is asked to.
 *
 * @param maxNewTokens at most this many are generated, at least 1
 * @param stop the text ends before the first occurrence of any of these; empty strings are left out
 * @param schema what the text has to be, where it is not free
 */
public record GenerationSettings(
    int maxNewTokens, List<String> stop, Sampling sampling, Optional<JsonSchema> schema) {
  public GenerationSettings {
    if (maxNewTokens < 1) {
      throw new BadInputException(
          "expected at least 1 new token, found %d; ask for more.".formatted(maxNewTokens));
    }
    stop = stop.stream().filter(text -> !text.isEmpty()).toList();
    requireNonNull(sampling, "sampling is null");
    requireNonNull(schema, "schema is null");
  }

  /** The most probable token each time, free text. */
  public static GenerationSettings greedy(int maxNewTokens, List<String> stop) {
    return new GenerationSettings(maxNewTokens, stop, Sampling.GREEDY, Optional.empty());
  }

  /** Whether every choice is the plain maximum of the model's logits. */
  public boolean isArgmax() {
    return sampling.isArgmax() && schema.isEmpty();
  }

  public GenerationSettings withSampling(Sampling other) {
    return new GenerationSettings(maxNewTokens, stop, other, schema);
  }

  /** All of it under transformers' names, defaults included, for records of what was used. */
  public Map<String, Object> described() {
    var described = new LinkedHashMap<String, Object>();
    described.put("max_new_tokens", maxNewTokens);
    described.put("stop_strings", stop);
    described.put("do_sample", !sampling.isGreedy());
    described.put("temperature", sampling.temperature());
    described.put("top_k", sampling.topK());
    described.put("top_p", sampling.topP());
    described.put("min_p", sampling.minP());
    described.put("repetition_penalty", sampling.repetitionPenalty());
    described.put("seed", sampling.seed());
    schema.ifPresent(given -> described.put("json_schema", given.source()));
    return described;
  }
}
