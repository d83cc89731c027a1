package dev.whetstone.models.engine.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** Whether a document is valid, keyword by keyword as JSON Schema (draft 2020-12) defines them. */
public final class NaiveValidation {
  private final JsonNode root;

  public NaiveValidation(JsonNode root) {
    this.root = root;
  }

  public boolean isValid(JsonNode document) {
    return isValid(document, root);
  }

  private boolean isValid(JsonNode value, JsonNode schema) {
    if (schema.has("$ref") && !isValid(value, root.at(schema.get("$ref").asText().substring(1)))) {
      return false;
    }
    if (schema.has("anyOf") && !some(schema.get("anyOf"), part -> isValid(value, part))) {
      return false;
    }
    if (schema.has("const") && !value.equals(schema.get("const"))) {
      return false;
    }
    if (schema.has("enum") && !some(schema.get("enum"), value::equals)) {
      return false;
    }
    JsonNode type = schema.path("type");
    if (type.isTextual() && !JsonSchema.isOfType(value, type.asText())) {
      return false;
    }
    if (type.isArray() && !some(type, one -> JsonSchema.isOfType(value, one.asText()))) {
      return false;
    }
    if (value.isTextual()) {
      int length = value.asText().codePointCount(0, value.asText().length());
      return within(length, schema, "minLength", "maxLength");
    }
    if (value.isArray()) {
      return within(value.size(), schema, "minItems", "maxItems")
          && IntStream.range(0, value.size())
              .allMatch(i -> !schema.has("items") || isValid(value.get(i), schema.get("items")));
    }
    if (value.isObject()) {
      JsonNode properties = schema.path("properties");
      return value.properties().stream()
              .allMatch(
                  member ->
                      properties.has(member.getKey())
                          ? isValid(member.getValue(), properties.get(member.getKey()))
                          : !schema.has("additionalProperties"))
          && !some(schema.path("required"), name -> !value.has(name.asText()));
    }
    return true;
  }

  private static boolean some(JsonNode list, java.util.function.Predicate<JsonNode> condition) {
    return StreamSupport.stream(list.spliterator(), false).anyMatch(condition);
  }

  private static boolean within(int size, JsonNode schema, String least, String most) {
    return size >= schema.path(least).asInt(0)
        && size <= schema.path(most).asInt(Integer.MAX_VALUE);
  }
}
