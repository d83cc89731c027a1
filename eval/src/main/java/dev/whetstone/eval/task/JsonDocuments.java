package dev.whetstone.eval.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Documents out of JSON files, with the columns that Hugging Face's {@code json} loader gives them:
 * columns and struct fields in the order of their first appearance, null where a document lacks
 * one, floats where any document has a float.
 *
 * <p>Difference: that loader turns a column of nothing but dates into timestamps; here they stay
 * text.
 */
final class JsonDocuments {
  private JsonDocuments() {}

  /**
   * @param field where a file is one JSON object, the key that holds the list of documents
   */
  static List<Map<String, Object>> read(List<Path> files, Optional<String> field) {
    var nodes = new ArrayList<JsonNode>();
    for (Path file : files) {
      List<JsonNode> documents = field.isPresent() ? inside(file, field.get()) : plain(file);
      nodes.addAll(documents);
    }
    var columns = new Shape();
    nodes.forEach(columns::see);
    var documents = new ArrayList<Map<String, Object>>(nodes.size());
    for (JsonNode node : nodes) {
      @SuppressWarnings("unchecked") // an object's shape gives a map
      var document = (Map<String, Object>) columns.value(node);
      documents.add(Collections.unmodifiableMap(document));
    }
    return Collections.unmodifiableList(documents);
  }

  private static List<JsonNode> inside(Path file, String field) {
    JsonNode list = Json.read(file).path(field);
    if (!list.isArray()) {
      throw new BadInputException(
          "%s: expected a list under \"%s\", found %s.".formatted(file, field, list.getNodeType()));
    }
    return objects(file, list);
  }

  private static List<JsonNode> plain(Path file) {
    String text = InputFile.text(file, "documents (JSON)");
    if (text.stripLeading().startsWith("[")) {
      return objects(file, Json.read(file));
    }
    var documents = new ArrayList<JsonNode>();
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      JsonNode node;
      try {
        node = Json.mapper().readTree(line);
      } catch (JsonProcessingException e) {
        throw new BadInputException("%s, line %d: %s".formatted(file, number, Json.sentence(e)), e);
      }
      if (!node.isObject()) {
        throw new BadInputException(
            "%s, line %d: expected a JSON object, found %s."
                .formatted(file, number, node.getNodeType()));
      }
      documents.add(node);
    }
    return documents;
  }

  private static List<JsonNode> objects(Path file, JsonNode list) {
    var documents = new ArrayList<JsonNode>();
    for (JsonNode node : list) {
      if (!node.isObject()) {
        throw new BadInputException(
            "%s, document %d: expected a JSON object, found %s."
                .formatted(file, documents.size(), node.getNodeType()));
      }
      documents.add(node);
    }
    return documents;
  }

  /** What all values at one place have in common. */
  private static final class Shape {
    private final Map<String, Shape> fields = new LinkedHashMap<>();
    private Shape elements;
    private boolean hasFloat;

    void see(JsonNode node) {
      if (node.isObject()) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
          fields.computeIfAbsent(field.getKey(), name -> new Shape()).see(field.getValue());
        }
      } else if (node.isArray()) {
        if (elements == null) {
          elements = new Shape();
        }
        node.forEach(elements::see);
      } else if (node.isFloatingPointNumber()) {
        hasFloat = true;
      }
    }

    Object value(JsonNode node) {
      if (node.isObject()) {
        var map = new LinkedHashMap<String, Object>();
        fields.forEach(
            (name, shape) -> {
              JsonNode field = node.get(name);
              map.put(name, field == null ? null : shape.value(field));
            });
        return map;
      }
      if (node.isArray()) {
        var list = new ArrayList<Object>();
        node.forEach(element -> list.add(elements.value(element)));
        return list;
      }
      if (node.isNumber()) {
        if (hasFloat) {
          return node.doubleValue();
        }
        return node.canConvertToLong() ? (Object) node.longValue() : node.bigIntegerValue();
      }
      return node.isNull() ? null : node.isBoolean() ? (Object) node.booleanValue() : node.asText();
    }
  }

  /** Column names of documents, empty if there is none. */
  static Set<String> columns(List<Map<String, Object>> documents) {
    return documents.isEmpty() ? Set.of() : documents.get(0).keySet();
  }
}
