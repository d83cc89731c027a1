package dev.whetstone.models.engine.testing;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A random Llama of two layers with the tokenizer of {@link TinyTokenizer}, written as a model
 * folder. It is in the main sources because the hermetic tests of other rooms need it. It knows
 * nothing, but its predictions differ clearly from token to token.
 */
public final class TinyModel {
  public static final int HIDDEN = 16;
  public static final int LAYERS = 2;
  public static final int HEADS = 4;
  public static final int KEY_VALUE_HEADS = 2;
  public static final int INTERMEDIATE = 24;
  public static final int CONTEXT = 256;

  private static final double EMBEDDING_DEVIATION = 1;
  private static final double WEIGHT_DEVIATION = 0.35;

  private TinyModel() {}

  /**
   * Writes the folder and returns it.
   *
   * @param seed of the weights
   */
  public static ModelFolder write(Path folder, long seed) {
    return write(folder, seed, true);
  }

  /**
   * As {@link #write(Path, long)}.
   *
   * @param tied whether the vocabulary projection is the embedding
   */
  public static ModelFolder write(Path folder, long seed, boolean tied) {
    TinyTokenizer.write(folder);
    var config = new LinkedHashMap<String, Object>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("model_type", "llama");
    config.put("hidden_act", "silu");
    config.put("vocab_size", TinyTokenizer.vocabularySize());
    config.put("hidden_size", HIDDEN);
    config.put("intermediate_size", INTERMEDIATE);
    config.put("num_hidden_layers", LAYERS);
    config.put("num_attention_heads", HEADS);
    config.put("num_key_value_heads", KEY_VALUE_HEADS);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_parameters", Map.of("rope_type", "default", "rope_theta", 10_000.0));
    config.put("max_position_embeddings", CONTEXT);
    config.put("tie_word_embeddings", tied);
    config.put("eos_token_id", TinyTokenizer.vocabularySize() - 1);
    config.put("torch_dtype", "float32");
    try {
      Files.writeString(folder.resolve("config.json"), Json.pretty(config));
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be written", e);
    }
    Safetensors.write(
        folder.resolve(Safetensors.MODEL_FILE), weights(seed, tied), Safetensors.PT_METADATA);
    return ModelFolder.open(folder);
  }

  private static List<FloatTensor> weights(long seed, boolean tied) {
    var random = new SplittableRandom(seed);
    var tensors = new ArrayList<FloatTensor>();
    int vocabulary = TinyTokenizer.vocabularySize();
    int keys = HIDDEN / HEADS * KEY_VALUE_HEADS;
    tensors.add(matrix(random, "model.embed_tokens.weight", vocabulary, HIDDEN, 0));
    for (int layer = 0; layer < LAYERS; layer++) {
      String at = "model.layers." + layer + ".";
      tensors.add(norm(random, at + "input_layernorm.weight"));
      tensors.add(matrix(random, at + "self_attn.q_proj.weight", HIDDEN, HIDDEN, 1));
      tensors.add(matrix(random, at + "self_attn.k_proj.weight", keys, HIDDEN, 1));
      tensors.add(matrix(random, at + "self_attn.v_proj.weight", keys, HIDDEN, 1));
      tensors.add(matrix(random, at + "self_attn.o_proj.weight", HIDDEN, HIDDEN, 1));
      tensors.add(norm(random, at + "post_attention_layernorm.weight"));
      tensors.add(matrix(random, at + "mlp.gate_proj.weight", INTERMEDIATE, HIDDEN, 1));
      tensors.add(matrix(random, at + "mlp.up_proj.weight", INTERMEDIATE, HIDDEN, 1));
      tensors.add(matrix(random, at + "mlp.down_proj.weight", HIDDEN, INTERMEDIATE, 1));
    }
    tensors.add(norm(random, "model.norm.weight"));
    if (!tied) {
      tensors.add(matrix(random, "lm_head.weight", vocabulary, HIDDEN, 0));
    }
    return tensors;
  }

  /**
   * Writes an adapter of the last block's {@code up_proj}, all weights 0.1.
   *
   * @param width of what it is applied to: {@link #HIDDEN}, or it does not fit
   * @param lineage what it was trained on
   */
  public static AdapterFolder writeAdapter(
      Path folder, int rank, int width, List<Ancestor> lineage) {
    String module = "base_model.model.model.layers.1.mlp.up_proj";
    AdapterFolder.write(
        folder,
        new AdapterFolder.Config(
            "tiny", LoraConfig.plain(rank, 2 * rank, List.of("up_proj")), lineage),
        Map.of(),
        List.of(
            constant(module + ".lora_A.weight", rank, width),
            constant(module + ".lora_B.weight", INTERMEDIATE, rank)));
    return AdapterFolder.open(folder);
  }

  private static FloatTensor constant(String name, int rows, int columns) {
    float[] values = new float[rows * columns];
    Arrays.fill(values, 0.1f);
    return new FloatTensor(name, List.of((long) rows, (long) columns), values);
  }

  private static FloatTensor matrix(
      SplittableRandom random, String name, long out, long in, int depth) {
    double deviation = depth == 0 ? EMBEDDING_DEVIATION : WEIGHT_DEVIATION;
    return new FloatTensor(name, List.of(out, in), values(random, out * in, 0, deviation));
  }

  private static FloatTensor norm(SplittableRandom random, String name) {
    return new FloatTensor(name, List.of((long) HIDDEN), values(random, HIDDEN, 1, 0.1));
  }

  private static float[] values(
      SplittableRandom random, long count, double mean, double deviation) {
    var values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }
}
