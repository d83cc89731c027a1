package dev.whetstone.artifacts.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Golden;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  static float[] all(TensorSource source, String name) {
    FloatBuffer values = FloatBuffer.allocate((int) Safetensors.elements(source.shape(name)));
    source.read(name, 0, values);
    return values.array();
  }

  /** A file with this header text, unpadded, and {@code dataBytes} bytes 0, 1, 2 ... */
  private Path file(String header, int dataBytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + dataBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(text.length)
            .put(text);
    for (int i = 0; i < dataBytes; i++) {
      bytes.put((byte) i);
    }
    return Files.write(folder.resolve("t.safetensors"), bytes.array());
  }

  @Test
  void writesTheBytesOfTheReferenceImplementation() throws IOException {
    Path file = folder.resolve("two.safetensors");
    Safetensors.write(
        file,
        List.of(
            new FloatTensor("a", List.of(2L, 3L), new float[] {0, 1, 2, 3, 4, 5}),
            new FloatTensor("b", List.of(1L), new float[] {-0.5f})),
        Safetensors.PT_METADATA);
    assertThat(file).hasSameBinaryContentAs(Golden.file("two-tensors.safetensors"));
    assertThat(Safetensors.metadata(file)).containsExactly(Map.entry("format", "pt"));
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void readingGivesBackWhatWasWritten() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var tensors = new ArrayList<FloatTensor>();
      for (int t = random.nextInt(5); t >= 0; t--) {
        long rows = random.nextInt(4);
        long columns = random.nextInt(70);
        float[] values = new float[(int) (rows * columns)];
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(random.nextInt());
        }
        tensors.add(new FloatTensor("layer.%d.é".formatted(t), List.of(rows, columns), values));
      }
      Path file = folder.resolve("s" + seed);
      Safetensors.write(file, tensors, Map.of());
      try (TensorSource source = Safetensors.open(file)) {
        for (FloatTensor tensor : tensors) {
          assertThat(source.shape(tensor.name())).isEqualTo(tensor.shape());
          assertThat(bits(all(source, tensor.name())))
              .as("seed %d, %s", seed, tensor.name())
              .isEqualTo(bits(tensor.values()));
          int first = tensor.values().length / 2;
          FloatBuffer rest = FloatBuffer.allocate(tensor.values().length - first);
          source.read(tensor.name(), first, rest);
          assertThat(bits(rest.array()))
              .isEqualTo(java.util.Arrays.stream(bits(tensor.values())).skip(first).toArray());
        }
      }
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  @Test
  void tensorsAboveTwoGibibytesAreReadByTheir64BitOffset() throws IOException {
    long elements = 3L << 28; // 3 GiB of float32; the file is sparse
    String header =
        "{\"big\":{\"dtype\":\"F32\",\"shape\":[3,%d],\"data_offsets\":[0,%d]}}"
            .formatted(elements / 3, 4 * elements);
    Path file = folder.resolve("big.safetensors");
    try (var out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(8 + header.length() + 4 * elements);
      out.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length()).array());
      out.write(header.getBytes(StandardCharsets.UTF_8));
      out.seek(8 + header.length() + 4 * (elements - 1));
      out.writeInt(Integer.reverseBytes(Float.floatToIntBits(42)));
    }
    try (TensorSource source = Safetensors.open(file)) {
      FloatBuffer last = FloatBuffer.allocate(2);
      source.read("big", elements - 2, last);
      assertThat(last.array()).containsExactly(0, 42);
      // The header's odd length puts an element across the border of two windows.
      FloatBuffer across = FloatBuffer.allocate(4);
      source.read("big", (MappedFile.WINDOW_BYTES - 8 - header.length()) / 4 - 1, across);
      assertThat(across.array()).containsOnly(0);
    }
  }

  @Test
  void bytesAcrossWindowsAreJoined() throws IOException {
    byte[] bytes = new byte[100];
    new Random(1).nextBytes(bytes);
    Path file = Files.write(folder.resolve("bytes"), bytes);
    for (long window = 1; window < 40; window++) {
      try (MappedFile mapped = MappedFile.open(file, window)) {
        assertThat(mapped.copy(3, 90).array())
            .as("window of %d", window)
            .isEqualTo(java.util.Arrays.copyOfRange(bytes, 3, 93));
      }
    }
  }

  @Test
  void everyDtypeWidensExactly() throws IOException {
    Path file =
        file(
            """
            {"i64":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},
             "i32":{"dtype":"I32","shape":[],"data_offsets":[8,12]},
             "bf16":{"dtype":"BF16","shape":[1],"data_offsets":[12,14]},
             "f16":{"dtype":"F16","shape":[1],"data_offsets":[14,16]},
             "u8":{"dtype":"U8","shape":[2],"data_offsets":[16,18]}}\
            """,
            18);
    try (TensorSource source = Safetensors.open(file)) {
      assertThat(all(source, "u8")).containsExactly(16, 17);
      assertThat(all(source, "bf16")).containsExactly(Float.intBitsToFloat(0x0d0c0000));
      assertThat(all(source, "f16")).containsExactly(HalfPrecision.fromFloat16((short) 0x0f0e));
      assertThatThrownBy(() -> all(source, "i64"))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("tensor i64: the integer 506097522914230528 has no exact float32");
      assertThatThrownBy(() -> source.shape("w"))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("has no tensor \"w\"; it has 5, such as i64, i32, bf16");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "[]                                                              | does not start with {",
        "{'a':1}                                                         | \"a\" is not described",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} {}       | more than one JSON",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}           | not the JSON",
        "{'a':{'dtype':'F8','shape':[1],'data_offsets':[0,4]}}           | \"a\" has dtype \"F8\"",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}         | \"a\" has shape [-1]",
        "{'a':{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}}        | \"a\" has shape [1.0]",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}          | needs 8 bytes",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,4]}} | 64 bits",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}          | outside the 4 bytes",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}          | outside the 4 bytes",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0]}}            | two integers from 0",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':1}}    | unknown key \"x\"",
        "{'__metadata__':{'n':1},'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | \"n\" is"
            + " not a text",
        "{'a':{'dtype':'U8','shape':[3],'data_offsets':[0,3]}}           | end at byte 3",
        "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},'b':{'dtype':'U8','shape':[1],'data_offsets':[3,4]}}"
            + " | there is a hole",
        "{'a':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},'b':{'dtype':'U8','shape':[2],'data_offsets':[2,4]}}"
            + " | tensors overlap",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}"
            + " | Duplicate field 'a'",
      })
  void brokenHeaderIsNamed(String header, String fault) throws IOException {
    Path file = file(header.replace('\'', '"'), 4);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(fault);
  }

  @Test
  void headerLengthIsCheckedBeforeItIsAllocated() throws IOException {
    for (long length : new long[] {-1, 0, 1, 9, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE}) {
      Path file =
          Files.write(
              folder.resolve("short"),
              ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
      assertThatThrownBy(() -> Safetensors.open(file))
          .as("%d", length)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("header length " + Long.toUnsignedString(length));
    }
  }

  @Test
  void allFaultyTensorsAreNamedAtOnce() throws IOException {
    Path file =
        file(
            "{\"a\":{\"dtype\":\"F8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,2]}}",
            2);
    assertThatThrownBy(() -> Safetensors.open(file))
        .hasMessageContaining("\"a\" has dtype")
        .hasMessageContaining("\"b\" of shape [2]");
  }

  @Test
  void copyRoundsToNearestEvenAndRenames() {
    Path from = folder.resolve("from");
    Path to = folder.resolve("to");
    float half = Float.intBitsToFloat(0x3f808000); // between 1 and the next bfloat16: to even, 1
    float odd = Float.intBitsToFloat(0x3f818000); // between an odd and an even one: up
    Safetensors.write(
        from,
        List.of(new FloatTensor("w", List.of(4L), new float[] {half, odd, Float.NaN, -3e38f})),
        Map.of());
    try (TensorSource source = Safetensors.open(from)) {
      Safetensors.copy(source, Map.of("w", "v"), to, Dtype.BF16, Safetensors.PT_METADATA);
    }
    try (TensorSource copy = Safetensors.open(to)) {
      assertThat(copy.names()).containsExactly("v");
      assertThat(copy.dtype("v")).isEqualTo(Dtype.BF16);
      assertThat(bits(all(copy, "v")))
          .containsExactly(0x3f800000, 0x3f820000, 0x7fc00000, 0xff620000);
    }
  }

  @Test
  void shardsAreOneSourceAndHashLikeOneFile() throws IOException {
    var a = new FloatTensor("a", List.of(2L), new float[] {1, 2});
    var b = new FloatTensor("b", List.of(1L), new float[] {3});
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path cut = Files.createDirectory(folder.resolve("cut"));
    Safetensors.write(whole.resolve(Safetensors.MODEL_FILE), List.of(a, b), Map.of());
    Safetensors.write(cut.resolve("m-1.safetensors"), List.of(a), Map.of());
    Safetensors.write(cut.resolve("m-2.safetensors"), List.of(b), Map.of());
    index(cut, Map.of("a", "m-1.safetensors", "b", "m-2.safetensors"));
    var hashes = new ArrayList<String>();
    for (Path at : List.of(whole, cut)) {
      try (TensorSource source = Safetensors.openFolder(at)) {
        assertThat(all(source, "b")).containsExactly(3);
        ContentHash hash = ContentHash.of("test/1");
        for (String name : List.of("a", "b")) {
          Safetensors.addTo(hash, source, name);
        }
        hashes.add(hash.finish());
      }
    }
    assertThat(hashes.get(0)).isEqualTo(hashes.get(1));
  }

  @Test
  void anIndexCannotLeaveItsFolder() throws IOException {
    index(folder, Map.of("a", "../other/m.safetensors"));
    assertThatThrownBy(() -> Safetensors.openFolder(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected the name of a .safetensors file in this folder");
  }

  @Test
  void anIndexMustAgreeWithItsShards() throws IOException {
    Safetensors.write(
        folder.resolve("m.safetensors"),
        List.of(new FloatTensor("a", List.of(), new float[] {1})),
        Map.of());
    index(folder, Map.of("b", "m.safetensors"));
    assertThatThrownBy(() -> Safetensors.openFolder(folder))
        .hasMessageContaining("1 tensors are not where it says, such as b in m.safetensors");
  }

  private static void index(Path folder, Map<String, String> weightMap) throws IOException {
    Files.writeString(
        folder.resolve(Safetensors.INDEX_FILE), Json.line(Map.of("weight_map", weightMap)));
  }

  @Test
  void aBfloat16FolderIsCutIntoShardsWithASortedIndex() {
    var tensors =
        new MemoryTensors(
            new FloatTensor("b", List.of(3L), new float[] {1, 1 + 0x1p-8f, 1 + 0x1.8p-7f}),
            new FloatTensor("a", List.of(2L, 2L), new float[] {1, 2, 3, 4}),
            new FloatTensor("c", List.of(20L), new float[20]),
            new FloatTensor("d", List.of(1L), new float[] {-7}));
    Safetensors.copyToFolder(tensors, folder, 16);
    var index = Json.read(folder.resolve(Safetensors.INDEX_FILE));
    assertThat(index.get("metadata").get("total_size").longValue()).isEqualTo(56);
    assertThat(index.get("metadata").get("total_parameters").longValue()).isEqualTo(28);
    assertThat(Json.line(index.get("weight_map")))
        .isEqualTo(
            """
            {"a":"model-00001-of-00003.safetensors","b":"model-00001-of-00003.safetensors",\
            "c":"model-00002-of-00003.safetensors","d":"model-00003-of-00003.safetensors"}\
            """
                .replace("\n", ""));
    try (TensorSource read = Safetensors.openFolder(folder)) {
      FloatBuffer values = FloatBuffer.allocate(3);
      read.read("b", 0, values);
      // Halfway the even one is taken.
      assertThat(values.array()).containsExactly(1, 1, 1 + 0x1p-6f);
      assertThat(read.dtype("c")).isEqualTo(Dtype.BF16);
    }
  }

  @Test
  void aFolderOfOneShardHasAnIndexToo() {
    Safetensors.copyToFolder(
        new MemoryTensors(new FloatTensor("a", List.of(1L), new float[] {1})), folder, 1000);
    assertThat(
            Json.read(folder.resolve(Safetensors.INDEX_FILE)).get("weight_map").get("a").asText())
        .isEqualTo(Safetensors.MODEL_FILE);
  }
}
