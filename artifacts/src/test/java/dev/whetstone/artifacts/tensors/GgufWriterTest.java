package dev.whetstone.artifacts.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Golden;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.tensors.Gguf.Output;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {
  @TempDir Path folder;

  private static FloatTensor tensor(String name, float[] values, long... shape) {
    var sizes = new ArrayList<Long>();
    for (long size : shape) {
      sizes.add(size);
    }
    return new FloatTensor(name, sizes, values);
  }

  private static float[] random(long seed, int count) {
    var random = new Random(seed);
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(7) - 4));
    }
    return values;
  }

  private static float[] floats(JsonNode base64) {
    byte[] bytes = Base64.getDecoder().decode(base64.textValue());
    var values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private static float[] read(TensorSource tensors, String name) {
    FloatBuffer values = FloatBuffer.allocate((int) Safetensors.elements(tensors.shape(name)));
    tensors.read(name, 0, values);
    return values.array();
  }

  /** The file, with the tensor "w" of a type. */
  private Path write(GgufType type, FloatTensor tensor) {
    Path file = folder.resolve("w.gguf");
    var output = new Output("w", tensor.name(), type);
    Gguf.write(file, Map.of("k", "v"), new MemoryTensors(tensor), List.of(output));
    return file;
  }

  @Test
  void theBytesAreThoseOfTheGgufPackage() throws IOException {
    JsonNode inputs = Json.read(Golden.file("gguf-written-1.json")).get("float32");
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("general.architecture", "llama");
    metadata.put("t.count", 4_000_000_000L);
    metadata.put("t.real", 0.1);
    metadata.put("t.flag", false);
    metadata.put("t.text", "é中😀");
    metadata.put("t.texts", List.of("a", "", "b c"));
    metadata.put("t.ints", List.of(3L, -1L, 2L));
    metadata.put("t.reals", List.of(0.5, -1e-3));
    var tensors = new ArrayList<Output>();
    for (GgufType type : GgufType.values()) {
      tensors.add(new Output(type.name(), "values", type));
      if (type.of("odd", List.of(3L, 5L)) == type) {
        tensors.add(new Output(type.name() + ".odd", "odd", type));
      }
    }
    var source =
        new MemoryTensors(
            tensor("values", floats(inputs.get("values")), 7, 96),
            tensor("odd", floats(inputs.get("odd")), 3, 5));
    Path file = folder.resolve("ours.gguf");
    Gguf.write(file, metadata, source, tensors);
    assertThat(file).hasSameBinaryContentAs(Golden.file("gguf-written-1.gguf"));
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void plainTypesComeBackAsTheirRoundings() {
    for (long seed = 0; seed < 30; seed++) {
      int rows = 1 + (int) (seed % 5);
      int columns = 1 + (int) (7 * seed % 67);
      FloatTensor original = tensor("t", random(seed, rows * columns), rows, columns);
      for (GgufType type : List.of(GgufType.F32, GgufType.F16, GgufType.BF16)) {
        try (Gguf.File file = Gguf.open(write(type, original))) {
          assertThat(file.tensors().shape("w")).isEqualTo(original.shape());
          float[] values = read(file.tensors(), "w");
          for (int i = 0; i < values.length; i++) {
            float value = original.values()[i];
            float expected =
                switch (type) {
                  case F16 -> HalfPrecision.fromFloat16(HalfPrecision.toFloat16(value));
                  case BF16 -> HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(value));
                  default -> value;
                };
            assertThat(values[i]).as("seed %d, %s, element %d", seed, type, i).isEqualTo(expected);
          }
        }
      }
    }
  }

  /** The slow twin: of all codes, by plain doubles, none is clearly nearer to the value. */
  @Test
  void noOtherCodeOfABlockIsNearerToAValue() {
    for (long seed = 0; seed < 50; seed++) {
      FloatTensor original = tensor("t", random(seed, 4 * 64), 4, 64);
      for (GgufType type : List.of(GgufType.Q8_0, GgufType.Q4_0)) {
        boolean wide = type == GgufType.Q8_0;
        try (Gguf.File file = Gguf.open(write(type, original))) {
          float[] values = read(file.tensors(), "w");
          for (int block = 0; block < 8; block++) {
            double largest = 0;
            for (int i = 32 * block; i < 32 * block + 32; i++) {
              double value = original.values()[i];
              largest = Math.abs(value) > Math.abs(largest) ? value : largest;
            }
            double scale = Math.abs(largest / (wide ? 127 : 8));
            for (int i = 32 * block; i < 32 * block + 32; i++) {
              double value = original.values()[i];
              // The one value that Q4_0 has no code for: as large as the largest, of other sign.
              boolean cut = !wide && value * Math.signum(largest) < -7.5 * scale;
              // The scale is a float16: 11 bits, or 2^-25 of a subnormal, times the code.
              double ofScale = 128 * Math.max(scale * 0x1p-11, 0x1p-25);
              assertThat(Math.abs(values[i] - value))
                  .as("seed %d, %s, element %d", seed, type, i)
                  .isLessThanOrEqualTo((cut ? 1 : 0.5) * scale * (1 + 1e-6) + ofScale);
            }
          }
        }
      }
    }
  }

  @Test
  void vectorsAndNormsAreFloat32AndRowsOfNoWholeBlocksFloat16() {
    assertThat(GgufType.Q8_0.of("blk.0.attn_q.weight", List.of(4L, 64L))).isEqualTo(GgufType.Q8_0);
    assertThat(GgufType.Q8_0.of("blk.0.attn_q.weight", List.of(64L, 4L))).isEqualTo(GgufType.F16);
    assertThat(GgufType.Q4_0.of("blk.0.attn_q.bias", List.of(64L))).isEqualTo(GgufType.F32);
    assertThat(GgufType.F16.of("blk.0.ffn_norm.weight", List.of(64L))).isEqualTo(GgufType.F32);
    assertThat(GgufType.BF16.of("w", List.of(64L, 4L))).isEqualTo(GgufType.BF16);
  }

  @Test
  void valuesThatATypeCannotHoldAreRefusedAndLeaveNoFile() throws IOException {
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 1e9f, 3.4e38f}) {
      float[] values = random(1, 64);
      values[40] = value;
      for (GgufType type : GgufType.values()) {
        boolean fits =
            (type == GgufType.F32 && Float.isFinite(value))
                || (type == GgufType.BF16 && value == 1e9f);
        if (fits) {
          write(type, tensor("t", values, 2, 32));
          Files.delete(folder.resolve("w.gguf"));
          continue;
        }
        assertThatThrownBy(() -> write(type, tensor("t", values, 2, 32)))
            .as("%s as %s", value, type)
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("tensor w cannot be written as " + type);
        assertThat(folder).isEmptyDirectory();
      }
    }
  }

  @Test
  void namesThatLlamaCppCannotHoldAndMetadataOfOtherTypesAreDefects() {
    var source = new MemoryTensors(tensor("t", new float[4], 2, 2));
    Path file = folder.resolve("w.gguf");
    for (String name : List.of("x".repeat(64), "é".repeat(32))) {
      assertThatThrownBy(
              () ->
                  Gguf.write(file, Map.of(), source, List.of(new Output(name, "t", GgufType.F32))))
          .isInstanceOf(IllegalArgumentException.class);
    }
    var twice = List.of(new Output("a", "t", GgufType.F32), new Output("a", "t", GgufType.F16));
    assertThatThrownBy(() -> Gguf.write(file, Map.of(), source, twice))
        .isInstanceOf(IllegalArgumentException.class);
    for (Object value : List.of(-1L, 1L << 32, 3, List.of(1L, "a"))) {
      assertThatThrownBy(() -> Gguf.write(file, Map.of("k", value), source, List.of()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
