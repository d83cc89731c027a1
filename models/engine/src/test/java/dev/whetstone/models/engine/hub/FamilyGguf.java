package dev.whetstone.models.engine.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A checkpoint of transformers as llama.cpp's converter writes it, float32. */
final class FamilyGguf {
  /** llama.cpp's names of a block's parts (gguf-py, tensor_mapping.py). */
  private static final Map<String, String> PARTS =
      Map.ofEntries(
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"),
          Map.entry("model.embed_tokens", "token_embd"),
          Map.entry("model.norm", "output_norm"),
          Map.entry("lm_head", "output"));

  private FamilyGguf() {}

  static TinyGguf of(JsonNode config, TensorSource weights) {
    String family = config.get("model_type").textValue();
    var gguf = new TinyGguf(0);
    gguf.metadata.keySet().removeIf(key -> key.startsWith("llama."));
    gguf.shapes.clear();
    gguf.values.clear();
    var tokens = new ArrayList<String>();
    for (int id = 0; id < config.get("vocab_size").intValue(); id++) {
      tokens.add(Character.toString('A' + id));
    }
    gguf.metadata.put("tokenizer.ggml.tokens", tokens);
    gguf.metadata.put("tokenizer.ggml.token_type", Collections.nCopies(tokens.size(), 1));
    gguf.metadata.put("tokenizer.ggml.merges", List.of("A B"));
    tokens.set(50, "AB");
    int heads = config.get("num_attention_heads").intValue();
    int hidden = config.get("hidden_size").intValue();
    int headSize = config.path("head_dim").asInt(hidden / heads);
    gguf.metadata.put("general.architecture", family);
    Map.of(
            "embedding_length", "hidden_size",
            "block_count", "num_hidden_layers",
            "context_length", "max_position_embeddings",
            "feed_forward_length", "intermediate_size",
            "attention.head_count", "num_attention_heads",
            "attention.head_count_kv", "num_key_value_heads")
        .forEach((key, name) -> gguf.metadata.put(family + "." + key, config.get(name).intValue()));
    gguf.metadata.put(family + ".attention.key_length", headSize);
    gguf.metadata.put(
        family + ".attention.layer_norm_rms_epsilon", config.get("rms_norm_eps").floatValue());
    JsonNode rope = config.get("rope_parameters");
    gguf.metadata.put(family + ".rope.freq_base", rope.get("rope_theta").floatValue());
    switch (rope.get("rope_type").textValue()) {
      case "linear", "yarn" -> {
        gguf.metadata.put(family + ".rope.scaling.type", rope.get("rope_type").textValue());
        gguf.metadata.put(family + ".rope.scaling.factor", rope.get("factor").floatValue());
        if (rope.has("original_max_position_embeddings")) {
          gguf.metadata.put(
              family + ".rope.scaling.original_context_length",
              rope.get("original_max_position_embeddings").intValue());
        }
      }
      case "llama3" -> divisors(gguf, rope, headSize);
      default -> {}
    }
    for (String name : weights.names()) {
      float[] values = new float[(int) product(weights.shape(name))];
      weights.read(name, 0, FloatBuffer.wrap(values));
      boolean interleaved = family.equals("llama") && name.matches(".*[qk]_proj.weight");
      put(
          gguf,
          name,
          weights.shape(name),
          interleaved ? GgufModelTest.interleave(values, headSize, hidden) : values);
    }
    return gguf;
  }

  private static void divisors(TinyGguf gguf, JsonNode rope, int headSize) {
    float[] divisors = new float[headSize / 2];
    for (int i = 0; i < divisors.length; i++) {
      double frequency = Math.pow(rope.get("rope_theta").doubleValue(), -2.0 * i / headSize);
      double wavelength = 2 * Math.PI / frequency;
      double original = rope.get("original_max_position_embeddings").doubleValue();
      double factor = rope.get("factor").doubleValue();
      double low = rope.get("low_freq_factor").doubleValue();
      double high = rope.get("high_freq_factor").doubleValue();
      double smooth = (original / wavelength - low) / (high - low);
      divisors[i] =
          (float)
              (wavelength < original / high
                  ? 1
                  : wavelength > original / low ? factor : 1 / ((1 - smooth) / factor + smooth));
    }
    gguf.shapes.put("rope_freqs.weight", new int[] {divisors.length});
    gguf.values.put("rope_freqs.weight", divisors);
  }

  private static void put(TinyGguf gguf, String name, List<Long> shape, float[] values) {
    int end = name.lastIndexOf('.');
    String stem = name.substring(0, end);
    String kind = name.substring(end);
    String inFile;
    if (stem.startsWith("model.layers.")) {
      String[] pieces = stem.split("\\.", 4);
      inFile = "blk." + pieces[2] + "." + PARTS.get(pieces[3]) + kind;
    } else {
      inFile = PARTS.get(stem) + kind;
    }
    gguf.shapes.put(inFile, shape.stream().mapToInt(Long::intValue).toArray());
    gguf.values.put(inFile, values);
  }

  private static long product(List<Long> shape) {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }
}
