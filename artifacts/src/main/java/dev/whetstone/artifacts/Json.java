package dev.whetstone.artifacts;

import static com.fasterxml.jackson.databind.DeserializationFeature.ACCEPT_FLOAT_AS_INT;
import static com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES;
import static com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS;
import static com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The one way to read and write JSON: strict about duplicate keys, unknown record fields, trailing
 * text, depth and fractions for integers; lenient about {@code NaN} and {@code Infinity}, which
 * Python writes bare. Record components appear in snake_case.
 */
public final class Json {
  private static final int MAX_DEPTH = 500;
  private static final String EXPECTED = "a JSON file";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(FAIL_ON_TRAILING_TOKENS, FAIL_ON_UNKNOWN_PROPERTIES, FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(ACCEPT_FLOAT_AS_INT) // 1.5 steps are a mistake, not 1 step
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();
  private static final ObjectMapper CANONICAL =
      MAPPER.copy().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  private Json() {}

  /** The shared mapper. Do not configure it. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /** The document in {@code file}. */
  public static JsonNode read(Path file) {
    return read(file, JsonNode.class);
  }

  /**
   * The document in {@code file} as a {@code type}; unknown and missing fields are bad input that
   * names the file.
   */
  public static <T> T read(Path file, Class<T> type) {
    InputFile.check(file, EXPECTED);
    // As text: from bytes Jackson would guess UTF-16 and UTF-32.
    String text = InputFile.text(file, EXPECTED);
    if (text.isBlank()) {
      throw new BadInputException(file + ": expected " + EXPECTED + ", found an empty one.");
    }
    try {
      T value = MAPPER.readValue(text, type);
      if (value == null) {
        throw new BadInputException(file + ": expected " + EXPECTED + ", found null.");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new BadInputException(file + ": " + sentence(e), e);
    }
  }

  /** What is wrong with a JSON text and where, without Jackson's source excerpts. */
  public static String sentence(JsonProcessingException e) {
    String where =
        e.getLocation() == null
            ? ""
            : " (line %d, column %d)"
                .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    String field =
        e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()
            ? path(mapping) + ": "
            : "";
    return "not the JSON that was expected: " + field + e.getOriginalMessage() + where + ".";
  }

  /** Where in a document a value did not fit, such as {@code more[1].rank}; empty at its top. */
  public static String path(JsonMappingException e) {
    var path = new StringBuilder();
    for (JsonMappingException.Reference at : e.getPath()) {
      if (at.getFieldName() == null) {
        path.append('[').append(at.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(at.getFieldName());
      }
    }
    return path.toString();
  }

  /** {@code value} on one line, without a line break at its end. */
  public static String line(Object value) {
    return write(MAPPER, value);
  }

  /**
   * {@code value} laid out as Python's {@code json.dumps(value, indent=2)} does, and a final line
   * break: for files that people read.
   */
  public static String pretty(Object value) {
    var indent = new DefaultIndenter("  ", "\n");
    var separators =
        Separators.createDefaultInstance()
            .withObjectFieldValueSpacing(Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");
    var printer =
        new DefaultPrettyPrinter(separators).withObjectIndenter(indent).withArrayIndenter(indent);
    try {
      return MAPPER.writer(printer).writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + value.getClass(), e);
    }
  }

  /** The bytes that are hashed: keys sorted at every level, no white space, UTF-8. */
  public static byte[] canonical(Object value) {
    // Trees keep their insertion order; only maps are sorted, hence the round trip.
    Object plain = MAPPER.convertValue(value, Object.class);
    return write(CANONICAL, plain).getBytes(StandardCharsets.UTF_8);
  }

  private static String write(ObjectMapper mapper, Object value) {
    try {
      return mapper.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + value.getClass(), e);
    }
  }
}
