package dev.whetstone.models.engine.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.Gguf;
import dev.whetstone.artifacts.tensors.Gguf.Output;
import dev.whetstone.artifacts.tensors.GgufType;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A model folder as a GGUF file: the inverse of {@link GgufModel}. Architecture, keys, names and
 * the order of rows are those of llama.cpp's converter (conversion/base.py, llama.py, qwen.py).
 *
 * <p>Which type a tensor gets is {@link GgufType#of}'s rule, with one exception: in a Q4_0 file the
 * vocabulary projection ({@code output.weight}, or {@code token_embd.weight} where that is both) is
 * Q8_0. llama-quantize, too, takes more bits for it, Q6_K (src/llama-quant.cpp), which is not
 * written here.
 */
public final class GgufExport {
  /** {@code GGML_QNT_VERSION} of ggml.h. */
  private static final long QUANTISATION_VERSION = 2;

  /** Settings that GGUF, or our reader, may have no words for. */
  private static final List<String> LOSSY =
      List.of(
          "attention_bias",
          "hidden_act",
          "mlp_bias",
          "rope_parameters",
          "rope_scaling",
          "sliding_window",
          "use_sliding_window");

  private static final String HEAD = "output.weight";
  private static final String EMBEDDING = "token_embd.weight";

  private final ModelFolder model;
  private final String where;
  private final JsonNode config;
  private final GgufFamily family;
  private final DecoderConfig decoder;

  private GgufExport(ModelFolder model) {
    this.model = model;
    this.where = model.path() + "/config.json";
    this.config = model.config();
    this.family = GgufFamily.of(config, where);
    this.decoder = DecoderConfig.of(config, where);
  }

  /**
   * Writes {@code file} by atomic rename.
   *
   * @param weights of the model, by transformers' names; the caller closes them
   * @param ends every token that ends a text or a turn
   * @param type of its matrices
   * @return type by the name of each tensor, in order
   * @throws BadInputException if GGUF, or our reader of it, has no words for what the model is
   */
  public static Map<String, GgufType> write(
      ModelFolder model, TensorSource weights, Set<Integer> ends, Path file, GgufType type) {
    return new GgufExport(model).write(weights, ends, file, type);
  }

  /**
   * Tensors of a model under the names and in the order of a GGUF file. What a folder holds without
   * need, such as a head that is the embedding, is left out.
   */
  static TensorSource tensors(GgufFamily family, DecoderConfig decoder, TensorSource weights) {
    var names = new LinkedHashMap<String, String>();
    Set<String> needed = DecoderTensors.shapes(decoder).keySet();
    weights.names().stream()
        .filter(needed::contains)
        .sorted(
            (a, b) -> {
              int order = Integer.compare(block(a), block(b));
              return order != 0 ? order : a.compareTo(b);
            })
        .forEach(name -> names.put(GgufFamily.fileName(name).orElse(name), name));
    return new ReorderedTensors(
        weights,
        names,
        ReorderedTensors.Order.NEIGHBOURS,
        family.interleaved(
            names.keySet(), decoder.attention().heads(), decoder.attention().keyValueHeads()));
  }

  /** Number of a tensor's block; -1 of the embedding, beyond the last of what follows them. */
  private static int block(String name) {
    String[] parts = name.split("\\.", 4);
    if (parts.length > 2 && parts[1].equals("layers") && parts[2].matches("\\d{1,6}")) {
      return Integer.parseInt(parts[2]);
    }
    return name.contains("embed_tokens") ? -1 : Integer.MAX_VALUE;
  }

  private Map<String, GgufType> write(
      TensorSource weights, Set<Integer> ends, Path file, GgufType type) {
    DecoderTensors.check(
        decoder, DecoderTensors.shapesOf(weights), model.path().toString(), "config.json");
    Map<String, Object> metadata = metadata(type);
    metadata.putAll(TokenizerMetadata.of(model, decoder.vocabulary(), ends));
    var tensors = new Divided(tensors(family, decoder, weights), divisors());
    requireSame(metadata, tensors);
    var types = new LinkedHashMap<String, GgufType>();
    for (String name : tensors.names()) {
      boolean projects = name.equals(decoder.tied() ? EMBEDDING : HEAD);
      GgufType own = type == GgufType.Q4_0 && projects ? GgufType.Q8_0 : type;
      types.put(name, own.of(name, tensors.shape(name)));
    }
    var outputs = new ArrayList<Output>();
    types.forEach((name, own) -> outputs.add(new Output(name, name, own)));
    Gguf.write(file, metadata, tensors, outputs);
    return types;
  }

  private String key(String name) {
    return family.architecture() + "." + name;
  }

  private Map<String, Object> metadata(GgufType type) {
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("general.architecture", family.architecture());
    metadata.put("general.type", "model");
    JsonNode recipe =
        model.manifest().map(Manifest::recipe).orElseGet(() -> Json.mapper().createObjectNode());
    Path folder = model.path().toAbsolutePath().normalize().getFileName();
    metadata.put("general.name", recipe.path("name").asText(folder.toString()));
    String license = recipe.path("license").asText("unknown");
    if (!license.equals("unknown")) {
      metadata.put("general.license", license);
    }
    long head = decoder.attention().headSize();
    metadata.put(key("vocab_size"), (long) decoder.vocabulary());
    metadata.put(key("block_count"), (long) decoder.layers());
    metadata.put(key("context_length"), (long) decoder.maxPositions());
    metadata.put(key("embedding_length"), (long) decoder.hidden());
    metadata.put(key("feed_forward_length"), (long) decoder.feed().intermediate());
    metadata.put(key("attention.head_count"), (long) decoder.attention().heads());
    metadata.put(key("attention.head_count_kv"), (long) decoder.attention().keyValueHeads());
    metadata.put(key("attention.key_length"), head);
    metadata.put(key("attention.value_length"), head);
    metadata.put(key("attention.layer_norm_rms_epsilon"), decoder.normEpsilon());
    metadata.put(key("rope.dimension_count"), (long) decoder.rotary().size());
    metadata.put(key("rope.freq_base"), base());
    metadata.putAll(scaling());
    metadata.put("general.file_type", fileType(type));
    metadata.put("general.quantization_version", QUANTISATION_VERSION);
    return metadata;
  }

  /** {@code enum llama_ftype} of llama.h. */
  private static long fileType(GgufType type) {
    return switch (type) {
      case F32 -> 0;
      case F16 -> 1;
      case Q4_0 -> 2;
      case Q8_0 -> 7;
      case BF16 -> 32;
    };
  }

  private JsonNode rope() {
    return config.path(config.hasNonNull("rope_parameters") ? "rope_parameters" : "rope_scaling");
  }

  private String ropeKind() {
    return rope().path("rope_type").asText(rope().path("type").asText("default"));
  }

  private double base() {
    return rope().path("rope_theta").asDouble(config.path("rope_theta").asDouble(10_000));
  }

  private long originalContext() {
    String key = "original_max_position_embeddings";
    return config.path(key).asLong(rope().path(key).asLong(decoder.maxPositions()));
  }

  private Map<String, Object> scaling() {
    var scaling = new LinkedHashMap<String, Object>();
    String kind = ropeKind();
    if (kind.equals("linear") || kind.equals("yarn")) {
      scaling.put(key("rope.scaling.type"), kind);
      scaling.put(key("rope.scaling.factor"), rope().path("factor").asDouble());
    }
    if (kind.equals("yarn")) {
      scaling.put(key("rope.scaling.original_context_length"), originalContext());
      Map.of(
              "attention_factor", "yarn_attn_factor",
              "beta_fast", "yarn_beta_fast",
              "beta_slow", "yarn_beta_slow")
          .forEach(
              (name, inFile) -> {
                if (rope().path(name).isNumber()) {
                  scaling.put(key("rope.scaling." + inFile), rope().path(name).doubleValue());
                }
              });
    }
    return scaling;
  }

  /** By what "llama3" divides each frequency, which is how GGUF hands that kind on. */
  private float[] divisors() {
    if (!ropeKind().equals("llama3")) {
      return new float[0];
    }
    int size = decoder.rotary().size();
    var divisors = new float[size / 2];
    for (int i = 0; i < divisors.length; i++) {
      divisors[i] =
          (float)
              GgufConfig.divisor(
                  Math.pow(base(), -2.0 * i / size),
                  rope().path("factor").asDouble(),
                  Math.toIntExact(originalContext()));
    }
    return divisors;
  }

  /** What our reader makes of the file has to be this model: nothing is lost in silence. */
  private void requireSame(Map<String, Object> metadata, TensorSource tensors) {
    var asRead = new TreeMap<>(metadata);
    asRead.replaceAll(
        (key, value) -> value instanceof Double real ? (double) real.floatValue() : value);
    var read = new GgufMetadata(asRead, Path.of(where));
    JsonNode back =
        Json.mapper().valueToTree(new GgufConfig(read, family, tensors).config(Dtype.F32));
    if (!DecoderConfig.of(back, where).equals(decoder)) {
      var lost = new TreeSet<String>();
      for (String part : LOSSY) {
        if (config.hasNonNull(part) && !config.get(part).equals(BooleanNode.FALSE)) {
          lost.add("%s %s".formatted(part, config.get(part)));
        }
      }
      throw new BadInputException(
          "%s: this model would not be the same as GGUF, which has no words for some of %s. Write safetensors-bf16 instead."
              .formatted(where, lost.isEmpty() ? "its settings" : String.join(", ", lost)));
    }
  }

  /** The tensors, and frequency divisors before them where there are any. */
  private static final class Divided implements TensorSource {
    private final TensorSource tensors;
    private final float[] divisors;

    Divided(TensorSource tensors, float[] divisors) {
      this.tensors = tensors;
      this.divisors = divisors;
    }

    @Override
    public Set<String> names() {
      var names = new LinkedHashSet<String>();
      if (divisors.length > 0) {
        names.add(GgufConfig.ROPE_FREQUENCIES);
      }
      names.addAll(tensors.names());
      return names;
    }

    @Override
    public List<Long> shape(String name) {
      return name.equals(GgufConfig.ROPE_FREQUENCIES)
          ? List.of((long) divisors.length)
          : tensors.shape(name);
    }

    @Override
    public Dtype dtype(String name) {
      return name.equals(GgufConfig.ROPE_FREQUENCIES) ? Dtype.F32 : tensors.dtype(name);
    }

    @Override
    public void read(String name, long first, FloatBuffer into) {
      if (name.equals(GgufConfig.ROPE_FREQUENCIES)) {
        into.put(divisors, Math.toIntExact(first), into.remaining());
      } else {
        tensors.read(name, first, into);
      }
    }

    @Override
    public void close() {
      tensors.close();
    }
  }
}
