package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code config.json} and {@code generation_config.json} from the metadata of a GGUF file. Keys are
 * those of gguf-py, constants.py.
 */
final class GgufConfig {
  /** Frequency divisors by which llama.cpp's converter hands on the rotary kind "llama3". */
  static final String ROPE_FREQUENCIES = "rope_freqs.weight";

  /** Keys that change what a decoder computes, behind the architecture's name. */
  private static final List<String> UNKNOWN_MATHEMATICS =
      List.of(
          "expert_count",
          "logit_scale",
          "embedding_scale",
          "residual_scale",
          "attention.scale",
          "attention.clamp_kqv",
          "attn_logit_softcapping",
          "final_logit_softcapping",
          "rope.scaling.attn_factor");

  /** Largest difference of a divisor from the formula's, relative: float32 rounding. */
  private static final double DIVISOR_TOLERANCE = 1e-5;

  /** The factors of every Llama since 3.1 (transformers, configuration_llama.py). */
  private static final double LOW_FREQUENCY_FACTOR = 1;

  private static final double HIGH_FREQUENCY_FACTOR = 4;

  private final GgufMetadata metadata;
  private final GgufFamily family;
  private final TensorSource tensors;

  GgufConfig(GgufMetadata metadata, GgufFamily family, TensorSource tensors) {
    this.metadata = metadata;
    this.family = family;
    this.tensors = tensors;
  }

  int heads() {
    return metadata.integer(key("attention.head_count"));
  }

  int keyValueHeads() {
    return metadata.integer(key("attention.head_count_kv"), heads());
  }

  /** The content of {@code config.json}; {@code dtype} is that of the weights beside it. */
  Map<String, Object> config(Dtype dtype) {
    refuseUnknownMathematics();
    int hidden = metadata.integer(key("embedding_length"));
    int headSize = metadata.integer(key("attention.key_length"), Math.max(1, hidden / heads()));
    refuseOther("attention.value_length", headSize);
    refuseOther("rope.dimension_count", headSize);
    double base = metadata.real(key("rope.freq_base"), 10000);
    int context = metadata.integer(key("context_length"));
    var config = new TreeMap<String, Object>(); // as transformers sorts it
    config.put("architectures", List.of(family.transformersClass()));
    config.put("attention_dropout", 0.0);
    token("bos").ifPresent(id -> config.put("bos_token_id", id));
    token("eos").ifPresent(id -> config.put("eos_token_id", id));
    token("padding").ifPresent(id -> config.put("pad_token_id", id));
    config.put("head_dim", headSize);
    config.put("hidden_act", "silu");
    config.put("hidden_size", hidden);
    config.put("initializer_range", 0.02);
    config.put("intermediate_size", metadata.integer(key("feed_forward_length")));
    config.put("max_position_embeddings", context);
    config.put("model_type", family.architecture());
    config.put("num_attention_heads", heads());
    config.put("num_hidden_layers", metadata.integer(key("block_count")));
    config.put("num_key_value_heads", keyValueHeads());
    config.put("rms_norm_eps", metadata.real(key("attention.layer_norm_rms_epsilon"), 1e-5));
    config.put("rope_scaling", scaling(base, headSize));
    config.put("rope_theta", base);
    // Without a head of its own the embedding is the head as well.
    config.put("tie_word_embeddings", !tensors.names().contains("output.weight"));
    config.put("torch_dtype", dtype == Dtype.BF16 ? "bfloat16" : "float32");
    config.put("use_cache", true);
    config.put("vocab_size", metadata.texts("tokenizer.ggml.tokens").size());
    family.switchedOff().forEach(off -> config.put(off, false));
    return config;
  }

  /** The content of {@code generation_config.json}: every token that ends a turn or a text. */
  Map<String, Object> generationConfig() {
    var config = new LinkedHashMap<String, Object>();
    token("bos").ifPresent(id -> config.put("bos_token_id", id));
    Set<Long> ends = new LinkedHashSet<>();
    for (String name : List.of("eos", "eot", "eom")) {
      token(name).ifPresent(ends::add);
    }
    if (!ends.isEmpty()) {
      config.put("eos_token_id", ends.size() == 1 ? ends.iterator().next() : List.copyOf(ends));
    }
    token("padding").ifPresent(id -> config.put("pad_token_id", id));
    return config;
  }

  private OptionalLong token(String name) {
    String key = "tokenizer.ggml." + name + "_token_id";
    return metadata.values().get(key) instanceof Long id
        ? OptionalLong.of(id)
        : OptionalLong.empty();
  }

  private String key(String name) {
    return family.architecture() + "." + name;
  }

  /** What would be computed wrongly at every token, in silence. */
  private void refuseUnknownMathematics() {
    for (String name : UNKNOWN_MATHEMATICS) {
      if (metadata.values().get(key(name)) instanceof Number number
          && number.doubleValue() != 0
          && !(name.endsWith("_factor") && number.doubleValue() == 1)) {
        throw metadata.fault(
            "%s %s cannot be converted yet. Take the model's safetensors", key(name), number);
      }
    }
    String window = key("attention.sliding_window");
    if (metadata.has(window)
        && metadata.integer(window) < metadata.integer(key("context_length"))) {
      throw metadata.fault(
          "%s %d cannot be converted yet. Take the model's safetensors",
          window, metadata.integer(window));
    }
    if (metadata.integer("split.count", 1) > 1) {
      throw metadata.fault(
          "expected a whole model, found one of split.count %d parts. Join them with"
              + " llama-gguf-split --merge first",
          metadata.integer("split.count"));
    }
  }

  private void refuseOther(String name, int headSize) {
    int found = metadata.integer(key(name), headSize);
    if (found != headSize) {
      throw metadata.fault(
          "expected %s to be the size of a head, %d, found %d", key(name), headSize, found);
    }
  }

  /** {@code rope_scaling} of {@code config.json}; {@code null} for none. */
  private Map<String, Object> scaling(double base, int headSize) {
    String kind = metadata.text(key("rope.scaling.type"), "none");
    boolean divided = tensors.names().contains(ROPE_FREQUENCIES);
    if (divided && !kind.equals("none")) {
      throw metadata.fault(
          "expected %s or %s, found both", ROPE_FREQUENCIES, key("rope.scaling.type"));
    }
    return switch (kind) {
      case "none" -> divided ? llama3(base, headSize) : null;
      case "linear" -> rope("linear", key("rope.scaling.factor"));
      case "yarn" -> yarn();
      default ->
          throw metadata.fault(
              "%s \"%s\" cannot be converted yet; known: none, linear, yarn. Take the model's"
                  + " safetensors",
              key("rope.scaling.type"), kind);
    };
  }

  private Map<String, Object> rope(String type, String factorKey) {
    var rope = new LinkedHashMap<String, Object>();
    rope.put("rope_type", type);
    rope.put("factor", metadata.real(factorKey));
    return rope;
  }

  /** The converter (conversion/base.py) hands these values on as they were in config.json. */
  private Map<String, Object> yarn() {
    Map<String, Object> rope = rope("yarn", key("rope.scaling.factor"));
    rope.put(
        "original_max_position_embeddings",
        metadata.integer(key("rope.scaling.original_context_length")));
    put(rope, "attention_factor", "yarn_attn_factor");
    put(rope, "beta_fast", "yarn_beta_fast");
    put(rope, "beta_slow", "yarn_beta_slow");
    return rope;
  }

  private void put(Map<String, Object> rope, String key, String name) {
    if (metadata.has(key("rope.scaling." + name))) {
      rope.put(key, metadata.real(key("rope.scaling." + name)));
    }
  }

  /**
   * The converter (conversion/llama.py, generate_extra_tensors) writes by which factor "llama3"
   * divides each frequency, not the parameters: these are looked for among those in use, and taken
   * if they give every divisor.
   */
  private Map<String, Object> llama3(double base, int headSize) {
    if (!tensors.shape(ROPE_FREQUENCIES).equals(List.of((long) headSize / 2))) {
      throw metadata.fault(
          "expected %s of shape [%d], found %s",
          ROPE_FREQUENCIES, headSize / 2, tensors.shape(ROPE_FREQUENCIES));
    }
    FloatBuffer divisors = FloatBuffer.allocate(headSize / 2);
    tensors.read(ROPE_FREQUENCIES, 0, divisors);
    double factor = 1;
    for (float divisor : divisors.array()) {
      factor = Math.max(factor, divisor);
    }
    if (factor == 1 && allAre(divisors.array(), base, headSize, 1, 8192)) {
      return null;
    }
    for (int original = 1 << 4; original <= 1 << 20; original <<= 1) {
      if (allAre(divisors.array(), base, headSize, factor, original)) {
        var rope = new LinkedHashMap<String, Object>();
        rope.put("rope_type", "llama3");
        rope.put("factor", factor);
        rope.put("low_freq_factor", LOW_FREQUENCY_FACTOR);
        rope.put("high_freq_factor", HIGH_FREQUENCY_FACTOR);
        rope.put("original_max_position_embeddings", original);
        return rope;
      }
    }
    throw metadata.fault(
        "%s holds divisors of frequencies that are not those of \"llama3\". Take the model's"
            + " safetensors",
        ROPE_FREQUENCIES);
  }

  private static boolean allAre(
      float[] divisors, double base, int headSize, double factor, int original) {
    for (int i = 0; i < divisors.length; i++) {
      double expected = divisor(Math.pow(base, -2.0 * i / headSize), factor, original);
      if (!(Math.abs(divisors[i] - expected) <= DIVISOR_TOLERANCE * expected)) {
        return false;
      }
    }
    return true;
  }

  /** By what "llama3" divides a frequency (transformers 5.23, modeling_rope_utils.py). */
  static double divisor(double frequency, double factor, int original) {
    double turns = original * frequency / (2 * Math.PI);
    if (turns < LOW_FREQUENCY_FACTOR) {
      return factor;
    }
    if (turns > HIGH_FREQUENCY_FACTOR) {
      return 1;
    }
    double smooth = (turns - LOW_FREQUENCY_FACTOR) / (HIGH_FREQUENCY_FACTOR - LOW_FREQUENCY_FACTOR);
    return 1 / ((1 - smooth) / factor + smooth);
  }
}
