package dev.whetstone.training.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.training.TrainConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** A recipe's section as rows of a table. */
final class Recipe {
  private Recipe() {}

  /** Values by key, keys of inner mappings after a dot; what is empty is left out. */
  static Map<String, String> rows(TrainConfig config) {
    var rows = new LinkedHashMap<String, String>();
    add(rows, "", Json.mapper().valueToTree(config));
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
    } else if (!value.isNull() && !(value.isArray() && value.isEmpty())) {
      String text = value.isValueNode() ? value.asText() : value.toString();
      text = value.isDouble() ? text.replace('E', 'e') : text;
      if (!text.isEmpty()) {
        rows.put(key, text);
      }
    }
  }
}
