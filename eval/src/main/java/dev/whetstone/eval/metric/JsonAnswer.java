package dev.whetstone.eval.metric;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import java.util.Optional;

/** Answers that are to be one JSON object. */
final class JsonAnswer {
  /** Remark on an answer that is none. */
  static final String UNPARSED = "unparsed";

  private JsonAnswer() {}

  /** The whole text, but for white space around it, as an object; nothing else may stand there. */
  static Optional<JsonNode> object(String text) {
    try {
      JsonNode node = Json.mapper().readTree(text.strip());
      return node != null && node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** The target as an object; a target that is none is a mistake of the task. */
  static JsonNode target(String text) {
    return object(text)
        .orElseThrow(
            () ->
                new dev.whetstone.artifacts.BadInputException(
                    "doc_to_target: expected a JSON object, as JSON metrics need one, found: "
                        + text
                        + "."));
  }

  /** Same keys, same values: texts without white space around them, numbers as numbers. */
  static boolean same(JsonNode a, JsonNode b) {
    if (a.isTextual() && b.isTextual()) {
      return a.textValue().strip().equals(b.textValue().strip());
    }
    if (a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue()) == 0;
    }
    if (a.isObject() && b.isObject()) {
      return a.size() == b.size()
          && a.properties().stream()
              .allMatch(
                  entry -> b.has(entry.getKey()) && same(entry.getValue(), b.get(entry.getKey())));
    }
    if (a.isArray() && b.isArray()) {
      boolean same = a.size() == b.size();
      for (int i = 0; same && i < a.size(); i++) {
        same = same(a.get(i), b.get(i));
      }
      return same;
    }
    return a.equals(b);
  }
}
