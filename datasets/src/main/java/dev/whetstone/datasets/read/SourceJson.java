package dev.whetstone.datasets.read;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.util.IdentityHashMap;

/**
 * JSON values that remember the characters they were read from. What a row only carries along, such
 * as tool calls and schemas, goes on as these very characters: printed again, 1e5 would become
 * 100000.0, and a model would learn that.
 */
final class SourceJson {
  private record Place(String text, int start, int end) {}

  private final IdentityHashMap<JsonNode, Place> places = new IdentityHashMap<>();

  /** The value that {@code text} is, to its last character. */
  JsonNode parse(String text) throws BrokenRowException {
    try (JsonParser parser = Json.mapper().createParser(text)) {
      if (parser.nextToken() == null) {
        throw new BrokenRowException("expected JSON, found nothing");
      }
      JsonNode value = value(parser, text);
      if (parser.nextToken() != null) {
        throw new BrokenRowException(
            "not JSON at character %d: more follows after its end"
                .formatted(parser.currentTokenLocation().getColumnNr()));
      }
      return value;
    } catch (JsonProcessingException e) {
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw new BrokenRowException(
          "not JSON at character %d: %s".formatted(column, e.getOriginalMessage()));
    } catch (IOException e) {
      throw new IllegalStateException("a text is read without input", e);
    }
  }

  /** The characters that {@code value} was read from. */
  String verbatim(JsonNode value) {
    Place place = places.get(value);
    return place == null
        ? value.toString() // true, false and null are written in one way only
        : place.text().substring(place.start(), place.end());
  }

  private JsonNode value(JsonParser parser, String text) throws IOException {
    int start = (int) parser.currentTokenLocation().getCharOffset();
    JsonNode value =
        switch (parser.currentToken()) {
          case START_OBJECT -> object(parser, text);
          case START_ARRAY -> array(parser, text);
          // Never a shared node: each has a place of its own.
          case VALUE_STRING -> new TextNode(parser.getText());
          case VALUE_NUMBER_INT ->
              parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                  ? new BigIntegerNode(parser.getBigIntegerValue())
                  : new LongNode(parser.getLongValue());
          case VALUE_NUMBER_FLOAT -> new DoubleNode(parser.getDoubleValue());
          case VALUE_TRUE -> BooleanNode.TRUE;
          case VALUE_FALSE -> BooleanNode.FALSE;
          case VALUE_NULL -> NullNode.getInstance();
          case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
              throw new IllegalStateException("no value: " + parser.currentToken());
        };
    if (!value.isBoolean() && !value.isNull()) {
      int end = (int) parser.currentLocation().getCharOffset();
      places.put(value, new Place(text, start, end));
    }
    return value;
  }

  private ObjectNode object(JsonParser parser, String text) throws IOException {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      object.set(key, value(parser, text));
    }
    return object;
  }

  private ArrayNode array(JsonParser parser, String text) throws IOException {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(parser, text));
    }
    return array;
  }
}
