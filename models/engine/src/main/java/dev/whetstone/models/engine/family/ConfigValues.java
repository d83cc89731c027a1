package dev.whetstone.models.engine.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.BadInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Values of a {@code config.json}. A key that is null counts as absent; a value of another type is
 * bad input that names the file and the key.
 *
 * @param json an object, or missing where the object is
 * @param where the file, for messages
 */
record ConfigValues(JsonNode json, String where) {

  boolean has(String key) {
    return json.hasNonNull(key);
  }

  /** An object within; empty where it is absent. */
  ConfigValues object(String key) {
    if (!has(key)) {
      return new ConfigValues(MissingNode.getInstance(), where);
    }
    if (!json.get(key).isObject()) {
      throw wrong("an object for", key);
    }
    return new ConfigValues(json.get(key), where);
  }

  /** These values, and those of {@code outer} where a key is absent here. */
  ConfigValues over(ConfigValues outer) {
    ObjectNode both = outer.json.deepCopy();
    json.properties().forEach(field -> both.set(field.getKey(), field.getValue()));
    return new ConfigValues(both, where);
  }

  /** These values with another one. */
  ConfigValues with(String key, JsonNode value) {
    ObjectNode both = json.deepCopy();
    both.set(key, value);
    return new ConfigValues(both, where);
  }

  int integer(String key) {
    if (!json.path(key).isInt()) {
      throw wrong("an integer", key);
    }
    return json.get(key).asInt();
  }

  int integer(String key, int preset) {
    return has(key) ? integer(key) : preset;
  }

  /** {@code preset} may be NaN: then the number has to be there. */
  double real(String key, double preset) {
    if (!has(key) && !Double.isNaN(preset)) {
      return preset;
    }
    if (!json.path(key).isNumber()) {
      throw wrong("a number", key);
    }
    return json.get(key).doubleValue();
  }

  /** A list of {@code count} numbers. */
  float[] reals(String key, int count) {
    JsonNode list = json.path(key);
    if (!list.isArray() || list.size() != count) {
      throw wrong("a list of %d numbers for".formatted(count), key);
    }
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      if (!list.get(i).isNumber()) {
        throw wrong("numbers only in", key);
      }
      values[i] = list.get(i).floatValue();
    }
    return values;
  }

  /** A list of integers; empty where it is absent. */
  List<Integer> integers(String key) {
    var values = new ArrayList<Integer>();
    if (has(key)) {
      if (!json.get(key).isArray()) {
        throw wrong("a list of integers for", key);
      }
      for (JsonNode value : json.get(key)) {
        if (!value.isInt()) {
          throw wrong("integers only in", key);
        }
        values.add(value.intValue());
      }
    }
    return values;
  }

  /** A list of texts; empty where it is absent. */
  List<String> texts(String key) {
    var values = new ArrayList<String>();
    if (has(key)) {
      if (!json.get(key).isArray()) {
        throw wrong("a list for", key);
      }
      json.get(key).forEach(value -> values.add(value.asText()));
    }
    return values;
  }

  boolean flag(String key, boolean preset) {
    if (!has(key)) {
      return preset;
    }
    if (!json.get(key).isBoolean()) {
      throw wrong("true or false for", key);
    }
    return json.get(key).booleanValue();
  }

  String text(String key, String preset) {
    return has(key) ? json.get(key).asText() : preset;
  }

  /** Refuses what would be computed wrongly. */
  void refuse(boolean found, String what) {
    if (found) {
      throw fault(what + " is not supported yet");
    }
  }

  BadInputException fault(String sentence) {
    return new BadInputException(where + ": " + sentence + ".");
  }

  private BadInputException wrong(String expected, String key) {
    return fault("expected %s %s, found %s".formatted(expected, key, found(key)));
  }

  private String found(String key) {
    return json.path(key).isMissingNode() ? "none" : json.get(key).toString();
  }
}
