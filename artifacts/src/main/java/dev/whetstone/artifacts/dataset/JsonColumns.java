package dev.whetstone.artifacts.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.util.Text;

/** Rows as JSON objects, every column of them, whatever its type. */
record JsonColumns(List<FieldVector> columns) implements ArrowRows.Columns<JsonNode> {
  static JsonColumns of(VectorSchemaRoot root, Path file) {
    return new JsonColumns(root.getFieldVectors());
  }

  @Override
  public JsonNode row(int index, long row) {
    var values = new LinkedHashMap<String, Object>();
    columns.forEach(column -> values.put(column.getName(), plain(column.getObject(index))));
    return Json.mapper().valueToTree(values);
  }

  private static Object plain(Object value) {
    if (value instanceof Text) {
      return value.toString();
    }
    if (value instanceof List<?> list) {
      return list.stream().map(JsonColumns::plain).toList();
    }
    if (value instanceof Map<?, ?> map) {
      var plain = new LinkedHashMap<String, Object>();
      map.forEach((key, below) -> plain.put(key.toString(), plain(below)));
      return plain;
    }
    if (value == null || value instanceof Number || value instanceof Boolean) {
      return value;
    }
    return value.toString();
  }
}
