package dev.whetstone.models.engine.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.engine.schema.Terms.Term;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The part of JSON Schema (draft 2020-12) that text can be held to while it is generated: {@link
 * #SUPPORTED}. Documents have their properties in the schema's order and no others, white space as
 * models write it, integers that fit a long and numbers that fit a double; a reference may lead to
 * itself, {@link Compilation#MAX_REFERENCES} deep. So each of them is valid, but not every valid
 * document is one of them.
 */
public final class JsonSchema {
  /** What is read; all else is refused, since it would be ignored. */
  static final String SUPPORTED =
      "type (object with properties, required, additionalProperties: false; array with items,"
          + " minItems, maxItems; string with minLength, maxLength; number, integer, boolean, null;"
          + " or a list of them), enum, const, anyOf, $ref into the schema itself, $defs";

  /** They say nothing about which documents are valid. */
  private static final Set<String> ANNOTATIONS =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "$schema",
          "$id",
          "$comment",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$defs",
          "definitions");

  private static final Map<String, Set<String>> KEYWORDS =
      Map.of(
          "object", Set.of("properties", "required", "additionalProperties"),
          "array", Set.of("items", "minItems", "maxItems"),
          "string", Set.of("minLength", "maxLength"),
          "number", Set.of(),
          "integer", Set.of(),
          "boolean", Set.of(),
          "null", Set.of());

  private final JsonNode source;
  private final String where;
  private final List<String> faults = new ArrayList<>();
  private final Set<String> unsupported = new TreeSet<>();
  private final Map<String, Part> targets = new HashMap<>();
  private final Map<String, Integer> heights = new HashMap<>();
  private final Part root;

  private JsonSchema(JsonNode source, String where) {
    this.source = source;
    this.where = where;
    this.root = part(source, "#");
    if (!unsupported.isEmpty()) {
      faults.add(
          "not supported: %s; supported: %s".formatted(String.join(", ", unsupported), SUPPORTED));
    }
    refuseFaults();
    findHeights();
    if (root.height(heights) > Compilation.MAX_REFERENCES) {
      faults.add(
          "no document of at most %d references within one another fits; does a required part refer to itself?"
              .formatted(Compilation.MAX_REFERENCES));
    }
    refuseFaults();
  }

  private void refuseFaults() {
    if (!faults.isEmpty()) {
      throw new BadInputException("%s: %s.".formatted(where, String.join("; ", faults)));
    }
  }

  /**
   * Reads a schema.
   *
   * @param where it stands, for sentences
   * @throws BadInputException if it is not JSON, or holds what is not supported: all of it is named
   */
  public static JsonSchema parse(String text, String where) {
    try {
      return of(Json.mapper().readTree(text), where);
    } catch (JsonProcessingException e) {
      throw new BadInputException(where + ": " + Json.sentence(e), e);
    }
  }

  /** As {@link #parse}, of a document that was read already. */
  public static JsonSchema of(JsonNode schema, String where) {
    return new JsonSchema(schema.deepCopy(), where);
  }

  /** The schema as it was given. */
  public JsonNode source() {
    return source.deepCopy();
  }

  /** Its documents as a language, whose terms nobody else uses. */
  Documents documents() {
    var compilation = new Compilation(targets, heights);
    return new Documents(compilation.terms(), root.language(compilation, 0));
  }

  /**
   * @param start the language of all documents
   */
  record Documents(Terms terms, Term start) {}

  private Part part(JsonNode node, String at) {
    if (!node.isObject()) {
      return fault("%s: expected a schema, an object, found %s".formatted(at, Json.line(node)));
    }
    if (node.has("$ref")) {
      refuseOthers(node, at, Set.of("$ref"));
      return reference(node.get("$ref"), at);
    }
    if (node.has("anyOf")) {
      refuseOthers(node, at, Set.of("anyOf"));
      return anyOf(node.get("anyOf"), at);
    }
    if (node.has("const") || node.has("enum")) {
      refuseOthers(node, at, Set.of("type", "const", "enum"));
      return constants(node, at);
    }
    List<String> types = types(node.get("type"), at);
    var keywords = new HashSet<>(Set.of("type"));
    types.forEach(type -> keywords.addAll(KEYWORDS.get(type)));
    refuseOthers(node, at, keywords);
    List<Part> parts = types.stream().map(type -> ofType(type, node, at)).toList();
    return parts.size() == 1 ? parts.get(0) : new Part.AnyOf(parts);
  }

  /** A part that stands for one that is refused. */
  private Part fault(String fault) {
    faults.add(fault);
    return new Part.Constants(List.of());
  }

  private void refuseOthers(JsonNode node, String at, Set<String> keywords) {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!ANNOTATIONS.contains(name) && !keywords.contains(name)) {
                unsupported.add(at + "/" + name);
              }
            });
  }

  private List<String> types(JsonNode given, String at) {
    var types = new ArrayList<String>();
    if (given != null) {
      for (JsonNode type : given.isArray() ? given : List.of(given)) {
        types.add(type.asText());
      }
    }
    if (types.isEmpty() || !KEYWORDS.keySet().containsAll(types)) {
      fault(
          "%s: expected one of %s as type (or enum, const, anyOf, $ref), found %s"
              .formatted(at, String.join(", ", new TreeSet<>(KEYWORDS.keySet())), given));
      return List.of();
    }
    return types;
  }

  private Part ofType(String type, JsonNode node, String at) {
    return switch (type) {
      case "object" -> members(node, at);
      case "array" -> array(node, at);
      case "string" -> {
        int[] bounds = bounds(node, "minLength", "maxLength", at);
        yield new Part.Text(bounds[0], bounds[1]);
      }
      case "number" -> new Part.Numeral(false);
      case "integer" -> new Part.Numeral(true);
      case "boolean" -> new Part.Constants(List.of("true", "false"));
      case "null" -> new Part.Constants(List.of("null"));
      default -> throw new IllegalStateException("a type that was not checked: " + type);
    };
  }

  private int[] bounds(JsonNode node, String least, String most, String at) {
    int[] bounds = {bound(node, least, 0, at), bound(node, most, Terms.UNLIMITED, at)};
    if (bounds[1] != Terms.UNLIMITED && bounds[0] > bounds[1]) {
      fault("%s: %s %d exceeds %s %d".formatted(at, least, bounds[0], most, bounds[1]));
    }
    return bounds;
  }

  private int bound(JsonNode node, String name, int otherwise, String at) {
    JsonNode given = node.get(name);
    if (given == null) {
      return otherwise;
    }
    if (!given.isInt() || given.intValue() < 0) {
      fault("%s/%s: expected a whole number of 0 or more, found %s".formatted(at, name, given));
      return otherwise;
    }
    return given.intValue();
  }

  private Part array(JsonNode node, String at) {
    int[] bounds = bounds(node, "minItems", "maxItems", at);
    if (!node.has("items")) {
      return fault(at + ": expected items, found an array without: say what it holds");
    }
    return new Part.Array(part(node.get("items"), at + "/items"), bounds[0], bounds[1]);
  }

  private Part members(JsonNode node, String at) {
    JsonNode others = node.get("additionalProperties");
    if (others != null && !(others.isBoolean() && !others.booleanValue())) {
      fault("%s/additionalProperties: expected false, found %s".formatted(at, Json.line(others)));
    }
    JsonNode properties = node.path("properties");
    if (!properties.isMissingNode() && !properties.isObject()) {
      return fault(
          "%s/properties: expected an object, found %s".formatted(at, Json.line(properties)));
    }
    var parts = new LinkedHashMap<String, Part>();
    for (var property : properties.properties()) {
      parts.put(
          property.getKey(), part(property.getValue(), at + "/properties/" + property.getKey()));
    }
    var required = new HashSet<String>();
    for (JsonNode name : node.path("required")) {
      required.add(name.asText());
      if (!parts.containsKey(name.asText())) {
        fault("%s/required: %s is not among its properties".formatted(at, name));
      }
    }
    return new Part.Members(parts, Set.copyOf(required));
  }

  private Part anyOf(JsonNode given, String at) {
    if (!given.isArray() || given.isEmpty()) {
      return fault("%s/anyOf: expected a list of schemas, found %s".formatted(at, given));
    }
    var parts = new ArrayList<Part>();
    for (int i = 0; i < given.size(); i++) {
      parts.add(part(given.get(i), at + "/anyOf/" + i));
    }
    return new Part.AnyOf(List.copyOf(parts));
  }

  private Part constants(JsonNode node, String at) {
    JsonNode values =
        node.has("const")
            ? Json.mapper().createArrayNode().add(node.get("const"))
            : node.get("enum");
    if (node.has("const") && node.has("enum")) {
      return fault(at + ": expected const or enum, found both");
    }
    if (!values.isArray() || values.isEmpty()) {
      return fault("%s/enum: expected a list of values, found %s".formatted(at, values));
    }
    List<String> types = node.has("type") ? types(node.get("type"), at) : List.of();
    var texts = new ArrayList<String>();
    for (JsonNode value : values) {
      if (!types.isEmpty() && types.stream().noneMatch(type -> isOfType(value, type))) {
        fault("%s: %s is not of type %s".formatted(at, value, String.join(" or ", types)));
      }
      if (value.isFloatingPointNumber() && !Double.isFinite(value.doubleValue())) {
        fault("%s: %s is no value of JSON".formatted(at, value));
      }
      texts.add(Json.line(value));
    }
    return new Part.Constants(List.copyOf(texts));
  }

  static boolean isOfType(JsonNode value, String type) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "number" -> value.isNumber();
      case "integer" ->
          value.isIntegralNumber()
              || (value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue()));
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> throw new IllegalStateException("a type that was not checked: " + type);
    };
  }

  private Part reference(JsonNode given, String at) {
    String pointer = given.asText();
    boolean local = given.isTextual() && (pointer.equals("#") || pointer.startsWith("#/"));
    JsonNode target = local ? source.at(pointer.substring(1)) : Json.mapper().missingNode();
    if (target.isMissingNode()) {
      return fault(
          "%s/$ref: expected a part of the schema itself, such as #/$defs/name, found %s"
              .formatted(at, given));
    }
    if (!targets.containsKey(pointer)) {
      // Entered first: the part may refer to itself.
      targets.put(pointer, new Part.Reference(pointer));
      targets.put(pointer, part(target, pointer));
    }
    return new Part.Reference(pointer);
  }

  /** Grows from what is known to end, until nothing changes. */
  private void findHeights() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Map.Entry<String, Part> target : targets.entrySet()) {
        int height = target.getValue().height(heights);
        Integer before = heights.put(target.getKey(), height);
        changed |= before == null || before != height;
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JsonSchema schema && schema.source.equals(source);
  }

  @Override
  public int hashCode() {
    return source.hashCode();
  }

  @Override
  public String toString() {
    return Json.line(source);
  }
}
