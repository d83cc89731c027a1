package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.BadInputException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Metadata of a GGUF file, each value asked for by its key and type; one that is missing or of
 * another type is bad input that names the file and the key.
 *
 * @param values as {@link dev.whetstone.artifacts.tensors.Gguf.File#metadata} has them
 * @param file for messages
 */
record GgufMetadata(Map<String, Object> values, Path file) {
  GgufMetadata {
    values = Map.copyOf(values);
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  String text(String key) {
    if (values.get(key) instanceof String text) {
      return text;
    }
    throw wrong("a text", key);
  }

  String text(String key, String preset) {
    return has(key) ? text(key) : preset;
  }

  boolean flag(String key, boolean preset) {
    if (!has(key)) {
      return preset;
    }
    if (values.get(key) instanceof Boolean flag) {
      return flag;
    }
    throw wrong("true or false", key);
  }

  /** A whole number from 1 to 2^31 - 1. */
  int integer(String key) {
    if (values.get(key) instanceof Long number && number > 0 && number <= Integer.MAX_VALUE) {
      return number.intValue();
    }
    throw wrong("a positive integer", key);
  }

  int integer(String key, int preset) {
    return has(key) ? integer(key) : preset;
  }

  /**
   * A number. GGUF holds float32, whose shortest decimal is what was meant: 9.999999747378752e-06
   * was 1e-05 in the original.
   */
  double real(String key) {
    if (values.get(key) instanceof Number number && Float.isFinite(number.floatValue())) {
      return Double.parseDouble(Float.toString(number.floatValue()));
    }
    throw wrong("a finite number", key);
  }

  double real(String key, double preset) {
    return has(key) ? real(key) : preset;
  }

  List<String> texts(String key) {
    return elements(key, String.class, "texts");
  }

  List<Long> integers(String key) {
    return elements(key, Long.class, "integers");
  }

  List<Double> reals(String key) {
    return elements(key, Double.class, "numbers");
  }

  private <T> List<T> elements(String key, Class<T> type, String named) {
    if (!(values.get(key) instanceof List<?> list)) {
      throw wrong("a list of " + named, key);
    }
    for (Object element : list) {
      if (!type.isInstance(element)) {
        throw fault("expected a list of %s for %s, found %s in it", named, key, element);
      }
    }
    return list.stream().map(type::cast).toList();
  }

  /** The tokens, no two alike. */
  List<String> tokens() {
    List<String> tokens = texts("tokenizer.ggml.tokens");
    var seen = new HashSet<String>();
    for (String token : tokens) {
      if (!seen.add(token)) {
        throw fault("token \"%s\" occurs twice in tokenizer.ggml.tokens", token);
      }
    }
    return tokens;
  }

  @SuppressWarnings(
      "AnnotateFormatMethod") // the annotation would be this room's only use of its jar
  BadInputException fault(String sentence, Object... arguments) {
    return new BadInputException(file + ": " + String.format(sentence, arguments) + ".");
  }

  private BadInputException wrong(String expected, String key) {
    Object found = values.get(key);
    return fault(
        "expected %s for %s, found %s",
        expected, key, found == null ? "none" : found instanceof List<?> ? "a list" : found);
  }
}
