package dev.whetstone.artifacts.tensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.tensors.MappedTensors.Placed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The head of a safetensors file, checked before anything is read by it: 8 bytes of length, then
 * JSON. The rules are those of the format's reference ({@code safetensors/README.md}, section
 * Format, and {@code src/tensor.rs}); unlike it, a key that we do not know is a fault.
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, Placed> tensors) {
  /** {@code MAX_HEADER_SIZE} of the reference's {@code src/tensor.rs}. */
  static final long MAX_BYTES = 100_000_000;

  private static final Set<String> KEYS = Set.of("dtype", "shape", "data_offsets");

  static SafetensorsHeader read(MappedFile file) {
    var faults =
        new Faults(file.path(), "The file is damaged or not safetensors; fetch or write it again.");
    if (file.sizeBytes() < 8) {
      throw faults.fatal("expected 8 bytes of header length, found %d bytes", file.sizeBytes());
    }
    long length = file.copy(0, 8).getLong();
    if (length < 2 || length > MAX_BYTES || length > file.sizeBytes() - 8) {
      throw faults.fatal(
          "header length %s is not between 2 and %d, or runs past the %d bytes of the file",
          Long.toUnsignedString(length), MAX_BYTES, file.sizeBytes());
    }
    String json = utf8(file.copy(8, (int) length), faults);
    if (json.charAt(0) != '{') {
      throw faults.fatal("its header does not start with {");
    }
    Map<String, String> metadata = new TreeMap<>();
    Map<String, Placed> tensors = new LinkedHashMap<>();
    try (JsonParser parser = Json.mapper().createParser(json)) {
      parser.nextToken();
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        parser.nextToken();
        JsonNode value = Json.mapper().reader().without(FAIL_ON_TRAILING).readTree(parser);
        if (key.equals("__metadata__")) {
          addMetadata(value, metadata, faults);
        } else {
          add(key, value, 8 + length, file.sizeBytes(), tensors, faults);
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw faults.fatal("its header has more than one JSON object");
      }
    } catch (JsonProcessingException e) {
      throw faults.fatal("its header is %s", Json.sentence(e).replaceFirst("\\.$", ""));
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory", e);
    }
    faults.throwIfAny();
    checkCover(tensors, 8 + length, file.sizeBytes(), faults);
    faults.throwIfAny();
    return new SafetensorsHeader(metadata, tensors);
  }

  private static final com.fasterxml.jackson.databind.DeserializationFeature FAIL_ON_TRAILING =
      com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS;

  private static String utf8(ByteBuffer bytes, Faults faults) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw faults.fatal("its header is not UTF-8");
    }
  }

  private static void addMetadata(JsonNode value, Map<String, String> metadata, Faults faults) {
    if (!value.isObject()) {
      faults.add("__metadata__ is not an object");
      return;
    }
    value
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isTextual()) {
                metadata.put(entry.getKey(), entry.getValue().textValue());
              } else {
                faults.add("__metadata__ \"%s\" is not a text", entry.getKey());
              }
            });
  }

  private static void add(
      String name,
      JsonNode value,
      long dataStart,
      long fileBytes,
      Map<String, Placed> tensors,
      Faults faults) {
    if (!value.isObject()) {
      faults.add("tensor \"%s\" is not described by an object", name);
      return;
    }
    var unknown = new ArrayList<String>();
    value.fieldNames().forEachRemaining(key -> unknown.add(key));
    unknown.removeAll(KEYS);
    if (!unknown.isEmpty()) {
      faults.add("tensor \"%s\" has the unknown key \"%s\"", name, unknown.get(0));
      return;
    }
    String dtypeName = value.path("dtype").asText();
    Dtype dtype =
        Arrays.stream(Dtype.values())
            .filter(d -> d.name().equals(dtypeName))
            .findFirst()
            .orElse(null);
    if (dtype == null || !value.path("dtype").isTextual()) {
      faults.add(
          "tensor \"%s\" has dtype %s, known are %s",
          name, value.path("dtype"), Arrays.toString(Dtype.values()));
      return;
    }
    List<Long> shape = naturals(value.path("shape"));
    List<Long> offsets = naturals(value.path("data_offsets"));
    if (shape == null) {
      faults.add("tensor \"%s\" has shape %s, expected integers from 0", name, value.path("shape"));
      return;
    }
    if (offsets == null || offsets.size() != 2) {
      faults.add(
          "tensor \"%s\" has data_offsets %s, expected two integers from 0",
          name, value.path("data_offsets"));
      return;
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    if (begin > end || end > fileBytes - dataStart) {
      faults.add(
          "tensor \"%s\" has data_offsets [%d, %d], outside the %d bytes of data",
          name, begin, end, fileBytes - dataStart);
      return;
    }
    long elements;
    try {
      elements = shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
      if (Math.multiplyExact(elements, dtype.sizeBytes()) != end - begin) {
        faults.add(
            "tensor \"%s\" of shape %s and dtype %s needs %d bytes, data_offsets give %d",
            name, shape, dtype, elements * dtype.sizeBytes(), end - begin);
        return;
      }
    } catch (ArithmeticException e) {
      faults.add("tensor \"%s\" has shape %s, more elements than 64 bits count", name, shape);
      return;
    }
    tensors.put(name, new Placed(shape, dtype, Encoding.of(dtype), dataStart + begin, elements));
  }

  /** The integers of a JSON array, or {@code null} where it is something else. */
  private static List<Long> naturals(JsonNode array) {
    if (!array.isArray()) {
      return null;
    }
    var numbers = new ArrayList<Long>();
    for (JsonNode number : array) {
      if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
        return null;
      }
      numbers.add(number.longValue());
    }
    return numbers;
  }

  /** The tensors cover the data without overlap and without a hole. */
  private static void checkCover(
      Map<String, Placed> tensors, long dataStart, long fileBytes, Faults faults) {
    List<Map.Entry<String, Placed>> inOrder = new ArrayList<>(tensors.entrySet());
    inOrder.sort(
        Comparator.<Map.Entry<String, Placed>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().sizeBytes()));
    long covered = dataStart;
    for (Map.Entry<String, Placed> entry : inOrder) {
      Placed tensor = entry.getValue();
      if (tensor.begin() != covered) {
        faults.add(
            "tensor \"%s\" begins at byte %d of the data, expected %d: %s",
            entry.getKey(),
            tensor.begin() - dataStart,
            covered - dataStart,
            tensor.begin() < covered ? "tensors overlap" : "there is a hole");
      }
      covered = Math.max(covered, tensor.begin() + tensor.sizeBytes());
    }
    if (covered != fileBytes) {
      faults.add(
          "its tensors end at byte %d of the data, which has %d",
          covered - dataStart, fileBytes - dataStart);
    }
  }
}
