package dev.whetstone.models.engine.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import java.util.List;
import java.util.Random;

/** Schemas with every keyword that is supported, parts that refer to themselves among them. */
public final class RandomSchemas {
  private static final List<String> NAMES =
      List.of("a", "name", "größe", "quote\"d", "back\\slash", "名", "😀", "a b", "");
  private static final List<String> VALUES =
      List.of("\"red\"", "\"blau\"", "\"é中😀\"", "\"\\n\\\"\"", "7", "-1.5", "true", "null", "[1]");
  private static final int DEFINITIONS = 3;

  private final Random random;

  private RandomSchemas(Random random) {
    this.random = random;
  }

  /** A schema that some document fits. */
  public static JsonNode of(long seed) {
    var random = new Random(seed);
    while (true) {
      var schemas = new RandomSchemas(random);
      ObjectNode schema = schemas.schema(3);
      ObjectNode definitions = schema.putObject("$defs");
      for (int i = 0; i < DEFINITIONS; i++) {
        definitions.set("d" + i, schemas.schema(2));
      }
      try {
        JsonSchema.of(schema, "random");
        return schema;
      } catch (dev.whetstone.artifacts.BadInputException endless) {
        // A required part refers to itself: the next one may not.
      }
    }
  }

  private ObjectNode schema(int depth) {
    ObjectNode schema = Json.mapper().createObjectNode();
    switch (random.nextInt(depth == 0 ? 7 : 11)) {
      case 0 -> bounds(schema.put("type", "string"), "minLength", "maxLength");
      case 1 -> schema.put("type", "number");
      case 2 -> schema.put("type", "integer");
      case 3 -> schema.put("type", "boolean").put("title", "ignored");
      case 4 -> values(schema.putArray("enum"));
      case 5 -> schema.set("const", value());
      case 6 -> schema.putArray("type").add("null").add("string").add("integer");
      case 7 -> schema.put("$ref", "#/$defs/d" + random.nextInt(DEFINITIONS));
      case 8 -> {
        ArrayNode parts = schema.putArray("anyOf");
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
          parts.add(schema(depth - 1));
        }
      }
      case 9 -> {
        bounds(schema.put("type", "array"), "minItems", "maxItems");
        schema.set("items", schema(depth - 1));
      }
      default -> members(schema, depth);
    }
    return schema;
  }

  private void members(ObjectNode schema, int depth) {
    schema.put("type", "object").put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    for (int i = random.nextInt(4); i > 0; i--) {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      if (!properties.has(name)) {
        properties.set(name, schema(depth - 1));
        if (random.nextBoolean()) {
          required.add(name);
        }
      }
    }
  }

  private void bounds(ObjectNode schema, String least, String most) {
    int low = random.nextInt(3);
    if (random.nextBoolean()) {
      schema.put(least, low);
    }
    if (random.nextBoolean()) {
      schema.put(most, low + random.nextInt(4));
    }
  }

  private void values(ArrayNode array) {
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      array.add(value());
    }
  }

  private JsonNode value() {
    try {
      return Json.mapper().readTree(VALUES.get(random.nextInt(VALUES.size())));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
