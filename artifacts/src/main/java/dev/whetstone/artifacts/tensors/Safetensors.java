package dev.whetstone.artifacts.tensors;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The safetensors format: mapped reading with every header check, and atomic writing.
 *
 * <p>A file is 8 bytes of header length, a JSON header padded with spaces to a multiple of 8 bytes,
 * and the tensors end to end, little-endian and row-major.
 */
public final class Safetensors {
  public static final String MODEL_FILE = "model.safetensors";
  public static final String INDEX_FILE = "model.safetensors.index.json";

  /** The metadata that transformers and PEFT write, and that transformers asks for. */
  public static final Map<String, String> PT_METADATA = Map.of("format", "pt");

  private static final int BLOCK_ELEMENTS = 1 << 18;

  private Safetensors() {}

  /**
   * Opens one {@code .safetensors} file.
   *
   * @throws BadInputException if the file is missing or its header breaks a rule of the format; the
   *     faulty tensors are named
   */
  public static TensorSource open(Path file) {
    return openFile(file);
  }

  private static MappedTensors openFile(Path file) {
    MappedFile mapped = MappedFile.open(file);
    return new MappedTensors(mapped, SafetensorsHeader.read(mapped).tensors());
  }

  /**
   * Opens {@code model.safetensors}, or the shards that {@code model.safetensors.index.json} lists,
   * of a model folder.
   *
   * @throws BadInputException if there are no such files, or the index and the shards disagree
   */
  public static TensorSource openFolder(Path folder) {
    if (Files.exists(folder.resolve(MODEL_FILE))) {
      return open(folder.resolve(MODEL_FILE));
    }
    Path index = folder.resolve(INDEX_FILE);
    if (!Files.exists(index)) {
      boolean pickle =
          Files.exists(folder.resolve("pytorch_model.bin"))
              || Files.exists(folder.resolve("pytorch_model.bin.index.json"));
      throw new BadInputException(
          "%s: expected %s or %s, found neither%s."
              .formatted(
                  folder,
                  MODEL_FILE,
                  INDEX_FILE,
                  pickle ? "; its .bin files are pickles, which are never opened" : ""));
    }
    var shards = new TreeMap<String, MappedTensors>();
    var shardByTensor = new TreeMap<String, MappedTensors>();
    var missing = new ArrayList<String>();
    for (Map.Entry<String, JsonNode> entry : weightMap(index).properties()) {
      String file = entry.getValue().asText();
      if (!entry.getValue().isTextual() || !file.matches("[^/\\\\\\p{Cntrl}]+\\.safetensors")) {
        throw new BadInputException(
            "%s: tensor \"%s\" lies in %s; expected the name of a .safetensors file in this folder."
                .formatted(index, entry.getKey(), entry.getValue()));
      }
      MappedTensors shard = shards.computeIfAbsent(file, name -> openFile(folder.resolve(name)));
      if (shard.names().contains(entry.getKey())) {
        shardByTensor.put(entry.getKey(), shard);
      } else {
        missing.add(entry.getKey() + " in " + file);
      }
    }
    if (!missing.isEmpty()) {
      throw new BadInputException(
          "%s: %d tensors are not where it says, such as %s. Fetch the model again."
              .formatted(index, missing.size(), missing.get(0)));
    }
    return new ShardedTensors(index, shardByTensor, shards.values());
  }

  private static JsonNode weightMap(Path index) {
    JsonNode map = Json.read(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw new BadInputException(
          index + ": expected \"weight_map\" with a file for each tensor, found none.");
    }
    return map;
  }

  /** The {@code __metadata__} of a file, sorted; empty where it has none. */
  public static Map<String, String> metadata(Path file) {
    try (MappedFile mapped = MappedFile.open(file)) {
      return SafetensorsHeader.read(mapped).metadata();
    }
  }

  /** A float32 tensor to write: row-major values. */
  public record FloatTensor(String name, List<Long> shape, float[] values) {
    public FloatTensor {
      shape = List.copyOf(shape);
      if (elements(shape) != values.length) {
        throw new IllegalArgumentException(
            "tensor %s: shape %s does not hold %d values".formatted(name, shape, values.length));
      }
    }
  }

  /**
   * Writes float32 tensors, in the given order, by atomic rename.
   *
   * @param metadata {@link #PT_METADATA} unless there is more to say
   */
  public static void write(Path file, List<FloatTensor> tensors, Map<String, String> metadata) {
    var sizes = new ArrayList<HeaderEntry>();
    tensors.forEach(t -> sizes.add(new HeaderEntry(t.name(), Dtype.F32, t.shape())));
    writeAtomically(
        file,
        sizes,
        metadata,
        channel -> {
          for (FloatTensor tensor : tensors) {
            for (int at = 0; at < tensor.values().length; at += BLOCK_ELEMENTS) {
              int count = Math.min(BLOCK_ELEMENTS, tensor.values().length - at);
              AtomicFile.writeFully(
                  channel, encode(FloatBuffer.wrap(tensor.values(), at, count), Dtype.F32));
            }
          }
        });
  }

  /**
   * Copies tensors of {@code source} to {@code file}, widened to float32 or rounded to bfloat16
   * (nearest even), streaming, in the order of their new names.
   *
   * @param newNameByName a tensor that it does not name keeps its name
   * @param dtype {@link Dtype#F32} or {@link Dtype#BF16}
   */
  public static void copy(
      TensorSource source,
      Map<String, String> newNameByName,
      Path file,
      Dtype dtype,
      Map<String, String> metadata) {
    if (dtype != Dtype.F32 && dtype != Dtype.BF16) {
      throw new IllegalArgumentException("expected F32 or BF16: " + dtype);
    }
    var oldNameByNew = new TreeMap<String, String>();
    for (String name : source.names()) {
      String newName = newNameByName.getOrDefault(name, name);
      String other = oldNameByNew.put(newName, name);
      if (other != null) {
        throw new IllegalArgumentException(
            "%s and %s would both be named %s".formatted(other, name, newName));
      }
    }
    copyNamed(source, oldNameByNew, file, dtype, metadata);
  }

  private static void copyNamed(
      TensorSource source,
      Map<String, String> oldNameByNew,
      Path file,
      Dtype dtype,
      Map<String, String> metadata) {
    var sizes = new ArrayList<HeaderEntry>();
    oldNameByNew.forEach(
        (newName, name) -> sizes.add(new HeaderEntry(newName, dtype, source.shape(name))));
    writeAtomically(
        file,
        sizes,
        metadata,
        channel -> {
          FloatBuffer block = FloatBuffer.allocate(BLOCK_ELEMENTS);
          for (String name : oldNameByNew.values()) {
            long elements = elements(source.shape(name));
            for (long at = 0; at < elements; at += block.limit()) {
              block.clear().limit((int) Math.min(BLOCK_ELEMENTS, elements - at));
              source.read(name, at, block);
              AtomicFile.writeFully(channel, encode(block.flip(), dtype));
            }
          }
        });
  }

  /**
   * Copies all tensors of {@code source}, rounded to bfloat16, into a model folder: {@link
   * #MODEL_FILE} or, above {@code shardBytes}, shards as transformers cuts them, in the order of
   * their names; a single tensor may be larger. Beside them is {@link #INDEX_FILE}.
   */
  public static void copyToFolder(TensorSource source, Path folder, long shardBytes) {
    var shards = new ArrayList<Map<String, String>>();
    long room = 0;
    long total = 0;
    long parameters = 0;
    for (String name : new TreeSet<>(source.names())) {
      long elements = elements(source.shape(name));
      long size = Math.multiplyExact(elements, (long) Dtype.BF16.sizeBytes());
      if (shards.isEmpty() || size > room) {
        shards.add(new TreeMap<>());
        room = shardBytes;
      }
      shards.get(shards.size() - 1).put(name, name);
      room -= size;
      total += size;
      parameters += elements;
    }
    var weightMap = new TreeMap<String, String>();
    for (int i = 0; i < shards.size(); i++) {
      String file =
          shards.size() == 1
              ? MODEL_FILE
              : "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      copyNamed(source, shards.get(i), folder.resolve(file), Dtype.BF16, PT_METADATA);
      shards.get(i).keySet().forEach(name -> weightMap.put(name, file));
    }
    var index = new LinkedHashMap<String, Object>();
    index.put(
        "metadata", new TreeMap<>(Map.of("total_parameters", parameters, "total_size", total)));
    index.put("weight_map", weightMap);
    ArtifactFolder.writeAtomically(folder.resolve(INDEX_FILE), Json.pretty(index));
  }

  /**
   * Feeds one tensor to a content hash: name, dtype, shape and its bytes on disk; a source that is
   * not of this package's files gives its float32 values instead.
   */
  public static void addTo(ContentHash hash, TensorSource source, String name) {
    hash.add(name).add(source.dtype(name).name());
    source.shape(name).forEach(size -> hash.add(size));
    TensorSource file = source instanceof ShardedTensors sharded ? sharded.shard(name) : source;
    if (file instanceof MappedTensors mapped) {
      hash.startBytes(mapped.sizeBytes(name));
      mapped.eachBlock(name, hash::addBlock);
      return;
    }
    long elements = elements(source.shape(name));
    hash.startBytes(Math.multiplyExact(4, elements));
    FloatBuffer block = FloatBuffer.allocate((int) Math.min(BLOCK_ELEMENTS, elements));
    for (long at = 0; at < elements; at += block.limit()) {
      block.clear().limit((int) Math.min(BLOCK_ELEMENTS, elements - at));
      source.read(name, at, block);
      hash.addBlock(encode(block.flip(), Dtype.F32));
    }
  }

  /** Number of elements of a shape; 1 for a scalar. */
  public static long elements(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  private record HeaderEntry(String name, Dtype dtype, List<Long> shape) {}

  private static void writeAtomically(
      Path file, List<HeaderEntry> tensors, Map<String, String> metadata, AtomicFile.Body body) {
    AtomicFile.write(
        file,
        channel -> {
          AtomicFile.writeFully(channel, header(tensors, metadata));
          body.write(channel);
        });
  }

  private static ByteBuffer header(List<HeaderEntry> tensors, Map<String, String> metadata) {
    var json = new LinkedHashMap<String, Object>();
    if (!metadata.isEmpty()) {
      json.put("__metadata__", new TreeMap<>(metadata));
    }
    var names = new HashSet<String>();
    long at = 0;
    for (HeaderEntry tensor : tensors) {
      if (!names.add(tensor.name()) || tensor.name().equals("__metadata__")) {
        throw new IllegalArgumentException("a tensor's name that is taken: " + tensor.name());
      }
      long end = at + elements(tensor.shape()) * tensor.dtype().sizeBytes();
      var entry = new LinkedHashMap<String, Object>();
      entry.put("dtype", tensor.dtype().name());
      entry.put("shape", tensor.shape());
      entry.put("data_offsets", List.of(at, end));
      json.put(tensor.name(), entry);
      at = end;
    }
    byte[] text = Json.line(json).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return ByteBuffer.allocate(8 + padded.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(padded.length)
        .put(padded)
        .flip();
  }

  private static ByteBuffer encode(FloatBuffer values, Dtype dtype) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.remaining() * dtype.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    if (dtype == Dtype.F32) {
      bytes.asFloatBuffer().put(values);
      return bytes;
    }
    while (values.hasRemaining()) {
      bytes.putShort(HalfPrecision.toBfloat16(values.get()));
    }
    return bytes.flip();
  }
}
