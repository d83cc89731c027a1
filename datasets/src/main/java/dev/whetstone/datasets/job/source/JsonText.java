package dev.whetstone.datasets.job.source;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * Rows of columnar formats as JSON. What is null is left out: such formats have one struct for all
 * rows, filled up with nulls that no row had.
 */
final class JsonText {
  private JsonText() {}

  /** One row, columns in order; values are null, texts, numbers, flags, lists and maps. */
  static String of(Map<String, Object> row) {
    var text = new StringWriter();
    try (JsonGenerator json = Json.mapper().createGenerator(text)) {
      write(json, row);
    } catch (IOException e) {
      throw new IllegalStateException("a text is written without output", e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (var entry : map.entrySet()) {
        if (entry.getValue() != null) {
          json.writeFieldName(entry.getKey().toString());
          write(json, entry.getValue());
        }
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        write(json, element);
      }
      json.writeEndArray();
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Double || value instanceof Float) {
      json.writeNumber(((Number) value).doubleValue());
    } else if (value instanceof BigDecimal decimal) {
      json.writeNumber(decimal);
    } else if (value instanceof BigInteger whole) {
      json.writeNumber(whole);
    } else if (value instanceof Number number) {
      json.writeNumber(number.longValue());
    } else {
      json.writeString(value.toString());
    }
  }
}
