package dev.whetstone.training.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.training.TrainConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** A recipe's section as rows of a table. */
final class Recipe {
  private Recipe() {}

  /**
   * Values by key, keys of inner mappings after a dot; what is empty, or means nothing to the
   * objective, is left out.
   */
  static Map<String, String> rows(TrainConfig config) {
    var rows = new LinkedHashMap<String, String>();
    add(rows, "", Json.mapper().valueToTree(config));
    if (!config.objective().kind().takesAnswers()) {
      rows.keySet().removeIf(key -> key.matches("objective\\.(?!kind).*"));
    }
    return rows;
  }

  private static void add(Map<String, String> rows, String key, JsonNode value) {
    if (value.isObject()) {
      value
          .properties()
          .forEach(
              inner ->
                  add(
                      rows,
                      key.isEmpty() ? inner.getKey() : key + "." + inner.getKey(),
                      inner.getValue()));
    } else {
      String text = text(value);
      if (!text.isEmpty()) {
        rows.put(key, text);
      }
    }
  }

  private static String text(JsonNode value) {
    if (value.isArray()) {
      var parts = new StringJoiner(", ");
      value.forEach(part -> parts.add(text(part)));
      return parts.toString();
    }
    String text = value.isNull() ? "" : value.asText();
    return value.isDouble() ? text.replace('E', 'e') : text;
  }
}
