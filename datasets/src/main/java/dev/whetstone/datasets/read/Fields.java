package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Strict access to the fields of a JSON object. A null is an absent field; a list or a flag may
 * also stand as text, as in a cell of a CSV file.
 */
final class Fields {
  /** Bounds within which products of some weights are numbers in float32. */
  private static final double LEAST_WEIGHT = 1e-6;

  private static final double MOST_WEIGHT = 1e6;

  private final JsonNode object;
  private final SourceJson source;

  Fields(JsonNode object, SourceJson source) {
    this.object = object;
    this.source = source;
  }

  /** Names of the fields that are there, in order. */
  List<String> keys() {
    return object.properties().stream()
        .filter(field -> !field.getValue().isNull())
        .map(Map.Entry::getKey)
        .toList();
  }

  boolean has(String... keys) {
    for (String key : keys) {
      if (!object.hasNonNull(key)) {
        return false;
      }
    }
    return true;
  }

  JsonNode get(String key) {
    return object.path(key);
  }

  /** The characters of the value at {@code key}, which is there. */
  String verbatim(String key) {
    return source.verbatim(object.get(key));
  }

  /** The text at {@code key}; empty where it is absent. */
  String text(String key) throws BrokenRowException {
    if (!has(key)) {
      return "";
    }
    JsonNode value = object.get(key);
    if (!value.isTextual()) {
      throw expected(key, "text", value);
    }
    return value.textValue();
  }

  /** True or false at {@code key}, as such, as 1 or 0, or as text; null where it is absent. */
  Boolean flag(String key) throws BrokenRowException {
    if (!has(key)) {
      return null;
    }
    JsonNode value = object.get(key);
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isNumber() && (value.doubleValue() == 0 || value.doubleValue() == 1)) {
      return value.doubleValue() == 1;
    }
    String text = value.isTextual() ? value.textValue().strip().toLowerCase(Locale.ROOT) : "";
    return switch (text) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw expected(key, "true or false", value);
    };
  }

  /** 0 or a weight at {@code key}, which is there; true is 1, false 0. */
  double weight(String key) throws BrokenRowException {
    JsonNode value = object.get(key);
    if (isFlag(key)) {
      return flag(key) ? 1 : 0;
    }
    double number = value.asDouble(Double.NaN); // of text too, as in a cell of a CSV file
    if (number != 0 && !(number >= LEAST_WEIGHT && number <= MOST_WEIGHT)) {
      throw expected(key, "true, false, 0 or a number from 1e-6 to 1e6", value);
    }
    return number;
  }

  /** Whether {@code key} says true or false, in words. */
  boolean isFlag(String key) {
    JsonNode value = object.path(key);
    return value.isBoolean()
        || (value.isTextual()
            && List.of("true", "false")
                .contains(value.textValue().strip().toLowerCase(Locale.ROOT)));
  }

  /** The whole number at {@code key}, which is there. */
  int count(String key) throws BrokenRowException {
    JsonNode value = object.get(key);
    String text = value.isTextual() ? value.textValue().strip() : value.asText();
    if (!text.matches("\\d{1,9}")) {
      throw expected(key, "a whole number", value);
    }
    return Integer.parseInt(text);
  }

  /** The elements of the array at {@code key}; none where it is absent. */
  List<JsonNode> list(String key) throws BrokenRowException {
    if (!has(key)) {
      return List.of();
    }
    JsonNode value = object.get(key);
    if (value.isTextual()) {
      value = source.parse(value.textValue());
    }
    if (!value.isArray()) {
      throw expected(key, "an array", value);
    }
    List<JsonNode> elements = new ArrayList<>();
    value.forEach(elements::add);
    return elements;
  }

  /** The object at {@code key}; one without fields where it is absent. */
  Fields object(String key) throws BrokenRowException {
    JsonNode value = object.path(key);
    if (value.isTextual()) {
      value = source.parse(value.textValue());
    }
    if (!value.isObject() && has(key)) {
      throw expected(key, "an object", value);
    }
    return new Fields(value, source);
  }

  /** The objects of the array at {@code key}. */
  List<Fields> objects(String key) throws BrokenRowException {
    return objects(list(key));
  }

  /** {@code values} as objects. */
  List<Fields> objects(List<JsonNode> values) throws BrokenRowException {
    List<Fields> objects = new ArrayList<>();
    for (JsonNode value : values) {
      if (!value.isObject()) {
        throw new BrokenRowException(
            "turn %d: expected an object, found %s".formatted(objects.size() + 1, kind(value)));
      }
      objects.add(new Fields(value, source));
    }
    return objects;
  }

  /**
   * The JSON array at {@code key} as text, character for character; empty where it is absent or
   * without elements. It may stand there as text, or as an array of texts that each are JSON.
   */
  String jsonArray(String key) throws BrokenRowException {
    JsonNode value = object.path(key);
    if (value.isTextual()) {
      String text = value.textValue();
      return text.isBlank() || list(key).isEmpty() ? "" : text;
    }
    List<JsonNode> elements = list(key);
    if (elements.isEmpty()) {
      return "";
    }
    if (elements.stream().allMatch(JsonNode::isTextual)) {
      // datasets 5 hands out its List(Json()) so.
      for (JsonNode element : elements) {
        source.parse(element.textValue());
      }
      return elements.stream().map(JsonNode::textValue).toList().toString();
    }
    return source.verbatim(value);
  }

  /**
   * The values of one JSON text: those of an array, or the one that it is, character for character.
   */
  List<String> parts(String text) throws BrokenRowException {
    JsonNode value = source.parse(text);
    List<String> parts = new ArrayList<>();
    for (JsonNode part : value.isArray() ? value : List.of(value)) {
      parts.add(source.verbatim(part));
    }
    return parts;
  }

  private static BrokenRowException expected(String key, String expected, JsonNode found) {
    return new BrokenRowException(
        "\"%s\": expected %s, found %s".formatted(key, expected, kind(found)));
  }

  static String kind(JsonNode value) {
    return value.isMissingNode()
        ? "nothing"
        : switch (value.getNodeType()) {
          case ARRAY -> "an array";
          case OBJECT -> "an object";
          case STRING -> "text";
          case NUMBER -> "a number";
          case BOOLEAN -> "true or false";
          case NULL -> "null";
          case BINARY, POJO, MISSING -> "nothing";
        };
  }
}
