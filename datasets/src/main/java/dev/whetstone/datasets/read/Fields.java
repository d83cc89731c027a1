package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;

/** Strict access to the fields of a row. */
final class Fields {
  private Fields() {}

  /** The text at {@code key}; empty where it is absent or null. */
  static String text(JsonNode object, String key) throws BrokenRowException {
    JsonNode value = object.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isTextual()) {
      throw new BrokenRowException("\"%s\": expected text, found %s".formatted(key, kind(value)));
    }
    return value.textValue();
  }

  /** True or false at {@code key}; null where it is absent or null. */
  static Boolean flag(JsonNode object, String key) throws BrokenRowException {
    JsonNode value = object.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isBoolean()) {
      throw new BrokenRowException(
          "\"%s\": expected true or false, found %s".formatted(key, kind(value)));
    }
    return value.booleanValue();
  }

  /** The array at {@code key}. */
  static JsonNode array(JsonNode object, String key) throws BrokenRowException {
    JsonNode value = object.path(key);
    if (!value.isArray()) {
      throw new BrokenRowException(
          "\"%s\": expected an array, found %s".formatted(key, kind(value)));
    }
    return value;
  }

  /**
   * A JSON array as text: taken as it stands where it already is text, empty where it is absent,
   * null or without elements.
   */
  static String jsonArray(JsonNode object, String key) throws BrokenRowException {
    JsonNode value = object.path(key);
    if (value.isTextual()) {
      String text = value.textValue();
      if (text.isBlank()) {
        return "";
      }
      value = RowReader.parse(text);
    }
    if (value.isMissingNode() || value.isNull() || (value.isArray() && value.isEmpty())) {
      return "";
    }
    if (!value.isArray()) {
      throw new BrokenRowException(
          "\"%s\": expected an array, found %s".formatted(key, kind(value)));
    }
    return Json.line(value);
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
