package dev.whetstone.artifacts.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Golden;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufTest {
  @TempDir Path folder;

  @Test
  void everyEncodingDequantisesBitForBitLikeTheGgufPackage() {
    JsonNode expected = Json.read(Golden.file("gguf-v3.json"));
    try (Gguf.File file = Gguf.open(Golden.file("gguf-v3.gguf"))) {
      assertThat(file.tensors().names()).hasSize(6);
      for (Map.Entry<String, JsonNode> tensor : expected.properties()) {
        int[] bits = Json.mapper().convertValue(tensor.getValue().get("bits"), int[].class);
        assertThat(file.tensors().shape(tensor.getKey())).containsExactly(3L, 64L);
        for (int first : new int[] {0, 1, 31, 32, 65, 191}) {
          FloatBuffer values = FloatBuffer.allocate(bits.length - first);
          file.tensors().read(tensor.getKey(), first, values);
          for (int i = first; i < bits.length; i++) {
            assertThat(Float.floatToRawIntBits(values.get(i - first)))
                .as("%s, element %d", tensor.getKey(), i)
                .isEqualTo(bits[i]);
          }
        }
      }
      assertThat(file.tensors().dtype("q4_1")).isEqualTo(Dtype.F32);
      assertThat(file.tensors().dtype("bf16")).isEqualTo(Dtype.BF16);
    }
  }

  @Test
  void everyQuantisationOfRandomBitsDequantisesBitForBitLikeTheGgufPackage() {
    JsonNode expected = Json.read(Golden.file("gguf-quants-1.json")).get("float32");
    try (Gguf.File file = Gguf.open(Golden.file("gguf-quants-1.gguf"))) {
      assertThat(file.tensors().names())
          .containsExactlyInAnyOrder(
              "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K");
      for (String kind : file.tensors().names()) {
        byte[] bytes = Base64.getDecoder().decode(expected.get(kind).textValue());
        FloatBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        assertThat(file.tensors().shape(kind)).containsExactly(2L, 512L);
        for (int first : new int[] {0, 1, 255, 256, 700, 1023}) {
          FloatBuffer values = FloatBuffer.allocate(1024 - first);
          file.tensors().read(kind, first, values);
          for (int i = first; i < 1024; i++) {
            assertThat(Float.floatToRawIntBits(values.get(i - first)))
                .as("%s, element %d", kind, i)
                .isEqualTo(Float.floatToRawIntBits(floats.get(i)));
          }
        }
      }
    }
  }

  @Test
  void metadataOfEveryTypeIsRead() {
    try (Gguf.File file = Gguf.open(Golden.file("gguf-v3.gguf"))) {
      assertThat(file.metadata())
          .containsEntry("general.architecture", "llama")
          .containsEntry("t.uint8", 200L)
          .containsEntry("t.int8", -5L)
          .containsEntry("t.uint16", 60000L)
          .containsEntry("t.int16", -300L)
          .containsEntry("t.uint32", 4_000_000_000L)
          .containsEntry("t.int32", -70000L)
          .containsEntry("t.float32", (double) 0.1f)
          .containsEntry("t.uint64", 1L << 40)
          .containsEntry("t.int64", -(1L << 40))
          .containsEntry("t.float64", 0.1)
          .containsEntry("t.bool", true)
          .containsEntry("t.string", "é中😀")
          .containsEntry("t.strings", List.of("a", "", "b c"))
          .containsEntry("t.ints", List.of(3L, 1L, 2L));
    }
  }

  /** The head of a file, filled by hand, followed by zeros up to {@code size}. */
  private Path file(int size, java.util.function.Consumer<ByteBuffer> fill) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("GGUF".getBytes(StandardCharsets.US_ASCII));
    fill.accept(bytes);
    return Files.write(folder.resolve("t.gguf"), bytes.array());
  }

  private static ByteBuffer text(ByteBuffer bytes, String text) {
    return bytes.putLong(text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void assertFault(Path file, String fault) {
    assertThatThrownBy(() -> Gguf.open(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(fault);
  }

  @Test
  void hostileHeadsEndInASentenceBeforeAnythingIsAllocated() throws IOException {
    assertFault(file(64, b -> b.putInt(1)), "found version 1");
    assertFault(file(64, b -> b.putInt(Integer.reverseBytes(3))), "found version 3, big-endian");
    assertFault(file(12, b -> b.putInt(3)), "expected a GGUF head of 24 bytes");
    assertFault(file(64, b -> b.putInt(3).putLong(1L << 60)), "1152921504606846976 tensors");
    assertFault(file(64, b -> b.putInt(3).putLong(-1)), "18446744073709551615 tensors");
    assertFault(file(64, b -> b.putInt(3).putLong(0).putLong(1 << 30)), "metadata entries");
    assertFault(
        file(64, b -> b.putInt(3).putLong(0).putLong(1).putLong(Long.MAX_VALUE)), "a length of");
    assertFault(
        file(64, b -> text(b.putInt(3).putLong(0).putLong(1), "k").putInt(99)), "unknown type 99");
    assertFault(
        file(
            64,
            b ->
                text(b.putInt(3).putLong(0).putLong(1), "k").putInt(9).putInt(4).putLong(1L << 33)),
        "8589934592 elements of metadata \"k\"");
    assertFault(
        file(
            200,
            b -> {
              text(b.putInt(3).putLong(0).putLong(1), "k").putInt(9);
              for (int i = 0; i < 9; i++) {
                b.putInt(9).putLong(1);
              }
            }),
        "nests arrays");
    assertFault(
        file(64, b -> text(b.putInt(3).putLong(0).putLong(1), "k").putInt(7).put((byte) 2)),
        "boolean of value 2");
  }

  private Path tensorFile(int type, long offset, long... ggmlShape) throws IOException {
    return file(
        256,
        b -> {
          text(b.putInt(2).putLong(1).putLong(0), "w").putInt(ggmlShape.length);
          for (long size : ggmlShape) {
            b.putLong(size);
          }
          b.putInt(type).putLong(offset);
        });
  }

  @Test
  void faultyTensorsAreNamed() throws IOException {
    assertFault(tensorFile(0, 0, 1, 1, 1, 1, 1), "\"w\" has 5 dimensions");
    assertFault(tensorFile(16, 0, 32), "\"w\" has ggml type 16");
    assertFault(tensorFile(0, 1, 1), "offset 1, which is not a multiple of 32");
    assertFault(tensorFile(8, 0, 31), "rows of 31 elements, Q8_0 needs a multiple of 32");
    assertFault(tensorFile(0, 0, 1 << 20), "runs past the end");
    assertFault(tensorFile(0, -32, 1), "runs past the end");
    assertFault(tensorFile(0, 0, 1L << 62, 4), "more elements than 63 bits count");
    assertFault(tensorFile(0, 0, -1), "more elements than 63 bits count");
    try (Gguf.File file = Gguf.open(tensorFile(0, 32, 2, 3))) {
      assertThat(file.tensors().shape("w")).containsExactly(3L, 2L);
    }
  }
}
