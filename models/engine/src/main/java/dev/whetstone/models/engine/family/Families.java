package dev.whetstone.models.engine.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The known families by {@code model_type}: one line each. */
final class Families {
  private static final SortedMap<String, Family> KNOWN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("chatglm", new ChatGlm()),
              Map.entry("gemma2", new Gemma2()),
              Map.entry("glm", new Glm(false)),
              Map.entry("glm4", new Glm(true)),
              Map.entry("llama", new Llama()),
              Map.entry("mistral", new Mistral()),
              Map.entry("phi3", new Phi3()),
              Map.entry("qwen2", new Qwen2()),
              Map.entry("qwen2_moe", new Qwen2Moe()),
              Map.entry("qwen3", new Qwen3()),
              Map.entry("qwen3_moe", new Qwen3Moe())));

  private Families() {}

  static Family of(JsonNode config, String where) {
    String type = config.path("model_type").asText("");
    if (!KNOWN.containsKey(type)) {
      throw new BadInputException(
          "%s: unknown model_type \"%s\"; known: %s."
              .formatted(where, type, String.join(", ", KNOWN.keySet())));
    }
    return KNOWN.get(type);
  }
}
