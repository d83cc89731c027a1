package dev.whetstone.models.engine;

import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Model folders (whole and sharded) with an adapter, one file of them spoilt by seed: as a broken
 * disk would, and as somebody would who means harm.
 */
final class HostileFolders {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");
  private static final Pattern TEXT = Pattern.compile("\"[^\"\\\\]*\"");
  private static final Pattern KEY = Pattern.compile("\"[^\"\\\\]*\"\\s*:");

  private static final String[] VALUES = {
    "0",
    "-1",
    "1",
    "2",
    "3",
    "1000000000",
    "2147483647",
    "2147483648",
    "4294967295",
    "9223372036854775807",
    "9223372036854775808",
    "1e308",
    "1e999",
    "-0.0",
    "0.5",
    "NaN",
    "Infinity",
    "-Infinity",
    "null",
    "true",
    "\"text\"",
    "\"7\"",
    "[]",
    "{}",
    "[1, 2]"
  };

  private static final String[] TEXTS = {
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"a\\u0000b.safetensors\"",
    "\"../../etc/passwd\"",
    "\"\\udfff\\ud800\"",
    "\"NaN\"",
    "\"F64\"",
    "\"I64\"",
    "\"" + "x".repeat(100_000) + "\"",
    "null",
    "[]"
  };

  private static final long[] LENGTHS = {
    0,
    1,
    2,
    7,
    8,
    99_999_999,
    100_000_001,
    Integer.MAX_VALUE,
    1L << 62,
    Long.MAX_VALUE,
    -1,
    Long.MIN_VALUE
  };

  private final Path valid;

  /**
   * @param model whole or sharded
   * @param what was done to which file
   */
  record Hostile(Path model, Path adapter, String what) {}

  /** Makes the valid folders under {@code valid}. */
  HostileFolders(Path valid) {
    this.valid = valid;
  }

  void makeValid() throws IOException {
    ModelFolder whole = TinyModel.write(valid.resolve("whole"), 3, false);
    Path sharded = valid.resolve("sharded");
    copy(whole.path(), sharded);
    Files.delete(sharded.resolve(Safetensors.MODEL_FILE));
    var shards = new TreeMap<String, List<FloatTensor>>();
    var map = new TreeMap<String, String>();
    try (TensorSource weights = whole.weights()) {
      for (String name : weights.names()) {
        String file = "model-%d.safetensors".formatted(1 + map.size() % 2);
        float[] values = new float[(int) Safetensors.elements(weights.shape(name))];
        weights.read(name, 0, FloatBuffer.wrap(values));
        shards
            .computeIfAbsent(file, any -> new ArrayList<>())
            .add(new FloatTensor(name, weights.shape(name), values));
        map.put(name, file);
      }
    }
    shards.forEach(
        (file, tensors) ->
            Safetensors.write(sharded.resolve(file), tensors, Safetensors.PT_METADATA));
    Files.writeString(
        sharded.resolve(Safetensors.INDEX_FILE), Json.pretty(Map.of("weight_map", map)));
    TinyModel.writeAdapter(valid.resolve("plain"), 3, TinyModel.HIDDEN, List.of());
    writeRich(valid.resolve("rich"));
  }

  /** An adapter of every kind at once. */
  private static void writeRich(Path folder) {
    var lora =
        new LoraConfig(
            2,
            4,
            0,
            List.of("q_proj"),
            Map.of("layers.1.*q_proj", 3),
            Map.of("q_proj", 2.5),
            true,
            true,
            LoraConfig.Bias.ALL,
            List.of("lm_head", "norm"));
    var tensors = new ArrayList<FloatTensor>();
    for (int layer = 0; layer < TinyModel.LAYERS; layer++) {
      String module = "base_model.model.model.layers." + layer + ".self_attn.q_proj";
      tensors.add(constant(module + ".lora_A.weight", 2 + layer, TinyModel.HIDDEN));
      tensors.add(constant(module + ".lora_B.weight", TinyModel.HIDDEN, 2 + layer));
      tensors.add(constant(module + ".lora_magnitude_vector", TinyModel.HIDDEN));
    }
    tensors.add(constant("base_model.model.model.norm.weight", TinyModel.HIDDEN));
    tensors.add(
        constant(
            "base_model.model.lm_head.weight", TinyTokenizer.vocabularySize(), TinyModel.HIDDEN));
    AdapterFolder.write(
        folder, new AdapterFolder.Config("tiny", lora, List.of()), Map.of(), tensors);
  }

  private static FloatTensor constant(String name, long... shape) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    float[] values = new float[(int) Safetensors.elements(sizes)];
    Arrays.fill(values, 0.1f);
    return new FloatTensor(name, sizes, values);
  }

  /** The folders of one seed, written into {@code into}, which is new. */
  Hostile write(long seed, Path into) throws IOException {
    var random = new Random(seed);
    Path model = into.resolve("model");
    Path adapter = into.resolve("adapter");
    copy(valid.resolve(random.nextBoolean() ? "whole" : "sharded"), model);
    copy(valid.resolve(random.nextBoolean() ? "plain" : "rich"), adapter);
    List<Path> files = new ArrayList<>(files(model));
    files.addAll(files(adapter));
    Path file = files.get(random.nextInt(files.size()));
    String what = into.relativize(file) + ": " + spoil(file, files, random);
    return new Hostile(model, adapter, what);
  }

  private static String spoil(Path file, List<Path> others, Random random) throws IOException {
    int kind = random.nextInt(10);
    if (kind == 0) {
      return replace(file, others, random);
    }
    byte[] bytes = Files.readAllBytes(file);
    if (kind <= 2) {
      Files.write(file, spoilBytes(bytes, random));
      return "bytes";
    }
    if (!file.toString().endsWith(".safetensors")) {
      Files.writeString(file, spoilJson(Files.readString(file), random));
      return "JSON";
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int headBytes = (int) buffer.getLong(0);
    if (kind == 3) {
      buffer.putLong(0, LENGTHS[random.nextInt(LENGTHS.length)]);
      Files.write(file, bytes);
      return "header length";
    }
    if (kind == 4) {
      int place = 8 + headBytes + 4 * random.nextInt((bytes.length - 8 - headBytes) / 4);
      float[] floats = {Float.NaN, Float.POSITIVE_INFINITY, 3e38f, -3e38f, Float.MIN_VALUE};
      buffer.putFloat(place, floats[random.nextInt(floats.length)]);
      Files.write(file, bytes);
      return "a weight";
    }
    String head = new String(bytes, 8, headBytes, StandardCharsets.UTF_8);
    byte[] spoilt = spoilJson(head, random).getBytes(StandardCharsets.UTF_8);
    ByteBuffer whole =
        ByteBuffer.allocate(8 + spoilt.length + bytes.length - 8 - headBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(spoilt.length)
            .put(spoilt)
            .put(bytes, 8 + headBytes, bytes.length - 8 - headBytes);
    Files.write(file, whole.array());
    return "header";
  }

  /** Something else where the file was. */
  private static String replace(Path file, List<Path> others, Random random) throws IOException {
    Files.delete(file);
    switch (random.nextInt(6)) {
      case 0 -> Files.createDirectory(file);
      case 1 -> Files.createSymbolicLink(file, file);
      case 2 -> Files.createSymbolicLink(file, Path.of("/dev/zero"));
      case 3 -> Files.createFile(file);
      case 4 -> {} // gone
      default -> {
        Path other = others.get(random.nextInt(others.size()));
        if (!other.equals(file)) {
          Files.copy(other, file);
        }
      }
    }
    return "replaced";
  }

  /** Bits changed, ranges zeroed, copied or removed, the end cut off. */
  static byte[] spoilBytes(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> Arrays.fill(bytes, at, at + length, (byte) (random.nextBoolean() ? -1 : 0));
        case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
        case 3 -> bytes = Arrays.copyOf(bytes, bytes.length + length);
        default -> {
          int to = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, at, bytes, to, length);
        }
      }
    }
    return bytes;
  }

  /** A number, a text or a key changed, one of them doubled, or a value nested without end. */
  private static String spoilJson(String json, Random random) {
    return switch (random.nextInt(6)) {
      case 0, 1, 2 -> swap(json, NUMBER, VALUES[random.nextInt(VALUES.length)], random);
      case 3 -> swap(json, TEXT, TEXTS[random.nextInt(TEXTS.length)], random);
      case 4 -> swap(json, NUMBER, "[".repeat(random.nextBoolean() ? 100_000 : 600), random);
      default -> {
        var keys = KEY.matcher(json).results().toList();
        if (keys.isEmpty()) {
          yield json + json;
        }
        var key = keys.get(random.nextInt(keys.size()));
        String twice = key.group() + VALUES[random.nextInt(VALUES.length)] + ",";
        yield json.substring(0, key.start()) + twice + json.substring(key.start());
      }
    };
  }

  private static String swap(String json, Pattern what, String by, Random random) {
    var places = what.matcher(json).results().toList();
    if (places.isEmpty()) {
      return by;
    }
    var place = places.get(random.nextInt(places.size()));
    return json.substring(0, place.start()) + by + json.substring(place.end());
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path file : files(from)) {
      Files.copy(file, to.resolve(file.getFileName().toString()));
    }
  }
}
