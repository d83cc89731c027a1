package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.Gguf;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A GGUF file of the llama family as a model folder in transformers' layout, weights bit for bit
 * what the file holds.
 */
final class GgufModel {
  /** Raised when the same file would give other contents. */
  private static final int BEHAVIOUR = 2;

  private static final Map<String, String> PARTS =
      Map.of(
          "attn_norm", "input_layernorm",
          "attn_q", "self_attn.q_proj",
          "attn_k", "self_attn.k_proj",
          "attn_v", "self_attn.v_proj",
          "attn_output", "self_attn.o_proj",
          "ffn_norm", "post_attention_layernorm",
          "ffn_gate", "mlp.gate_proj",
          "ffn_up", "mlp.up_proj",
          "ffn_down", "mlp.down_proj");

  private GgufModel() {}

  /** The id of the work, without doing it. */
  static String id(Path file, String source, Dtype dtype) {
    return StepId.of(
        "fetch",
        BEHAVIOUR,
        Map.of("source", source, "dtype", dtype.name()),
        Map.of("gguf", "sha256:" + ContentHash.sha256(file)));
  }

  /**
   * Checks a file before anything is made of it: its metadata, and every tensor's name and shape.
   *
   * @throws BadInputException if it cannot become a model
   */
  private static void check(Path file, Gguf.File gguf) {
    Map<String, Object> metadata = gguf.metadata();
    if (!"llama".equals(metadata.get("general.architecture"))) {
      throw new BadInputException(
          "%s: architecture \"%s\" cannot be converted yet; known: llama."
              .formatted(file, metadata.get("general.architecture")));
    }
    refuseScaledPositions(metadata, file);
    new GgufTokenizer(metadata, file).check();
    var shapes = new LinkedHashMap<String, List<Long>>();
    for (String name : gguf.tensors().names()) {
      String newName = newName(name, file);
      if (shapes.put(newName, gguf.tensors().shape(name)) != null) {
        throw new BadInputException(
            "%s: two of its tensors would be named %s.".formatted(file, newName));
      }
    }
    DecoderConfig config =
        DecoderConfig.of(
            Json.mapper().valueToTree(config(metadata, file, isTied(gguf), Dtype.F32)),
            file.toString());
    DecoderTensors.check(config, shapes, file.toString(), "its metadata");
  }

  /** Whether the embedding is the head as well. */
  private static boolean isTied(Gguf.File gguf) {
    return !gguf.tensors().names().contains("output.weight");
  }

  /**
   * Converts {@code file} into {@code folder} and finishes it.
   *
   * @param source what the user named, for the manifest
   * @param dtype of the weights to write: F32 or BF16
   */
  static void convert(Path file, ArtifactFolder folder, String source, Dtype dtype) {
    Instant started = Instant.now();
    folder.clear();
    Path path = folder.path();
    try (Gguf.File gguf = Gguf.open(file)) {
      check(file, gguf);
      Map<String, Object> metadata = gguf.metadata();
      Files.writeString(
          path.resolve("config.json"), Json.pretty(config(metadata, file, isTied(gguf), dtype)));
      Files.writeString(
          path.resolve("generation_config.json"), Json.pretty(generationConfig(metadata)));
      new GgufTokenizer(metadata, file).write(path);
      int heads = integer(metadata, "llama.attention.head_count", file);
      int keyValueHeads = keyValueHeads(metadata, file);
      var names = new LinkedHashMap<String, String>();
      var interleaved = new HashMap<String, Integer>();
      for (String name : gguf.tensors().names()) {
        names.put(name, newName(name, file));
        if (name.endsWith(".attn_q.weight")) {
          interleaved.put(name, heads);
        } else if (name.endsWith(".attn_k.weight")) {
          interleaved.put(name, keyValueHeads);
        }
      }
      TensorSource tensors = new UnpermutedTensors(gguf.tensors(), interleaved);
      Safetensors.copy(
          tensors, names, path.resolve(Safetensors.MODEL_FILE), dtype, Safetensors.PT_METADATA);
      folder.finish(manifest(folder, file, metadata, source, dtype, started));
    } catch (BadInputException e) {
      folder.clear();
      throw e;
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(path, e);
    }
  }

  /**
   * A file whose positions are scaled (Llama 3.1 and later: {@code rope_freqs.weight}, refused as
   * an unknown tensor) would become a model that answers worse at every length, in silence.
   */
  private static void refuseScaledPositions(Map<String, Object> metadata, Path file) {
    Object scaling = metadata.getOrDefault("llama.rope.scaling.type", "none");
    if (!scaling.equals("none")) {
      throw new BadInputException(
          "%s: llama.rope.scaling.type \"%s\" cannot be converted yet; known: none. Take the model's safetensors."
              .formatted(file, scaling));
    }
  }

  private static Manifest manifest(
      ArtifactFolder folder,
      Path file,
      Map<String, Object> metadata,
      String source,
      Dtype dtype,
      Instant started) {
    String sha256 = "sha256:" + ContentHash.sha256(file);
    String license = String.valueOf(metadata.getOrDefault("general.license", "unknown"));
    var recipe = new LinkedHashMap<String, Object>();
    // The file's name is what people know the model by; general.name is often the name of a
    // training run.
    recipe.put(
        "name",
        file.getFileName()
            .toString()
            .replaceFirst("\\.gguf$", "")
            .replaceFirst("[.-](I?Q\\d\\w*|B?F16|F32)$", ""));
    recipe.put("source", source);
    recipe.put("revision", sha256);
    recipe.put("license", license);
    recipe.put("dtype", dtype == Dtype.BF16 ? "bfloat16" : "float32");
    var origin =
        new Ancestor(
            "source",
            file.getFileName().toString(),
            sha256,
            Map.of("from", source, "license", license));
    return new Manifest(
        ModelFolder.FORMAT,
        folder.stepId(),
        ModelFolder.contentOf(folder.path()),
        Map.of("gguf", sha256),
        Json.mapper().valueToTree(recipe),
        Json.mapper()
            .valueToTree(Map.of("parameters", new ModelFolder(folder.path()).parameters())),
        Map.of(),
        Versions.current(Map.of()),
        List.of(origin),
        started.toString(),
        java.time.Duration.between(started, Instant.now()).toMillis() / 1e3);
  }

  private static Map<String, Object> config(
      Map<String, Object> metadata, Path file, boolean tied, Dtype dtype) {
    int heads = integer(metadata, "llama.attention.head_count", file);
    int hidden = integer(metadata, "llama.embedding_length", file);
    var config = new LinkedHashMap<String, Object>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("attention_bias", false);
    config.put("attention_dropout", 0.0);
    token(config, metadata, "bos_token_id", "bos");
    token(config, metadata, "eos_token_id", "eos");
    token(config, metadata, "pad_token_id", "padding");
    config.put(
        "head_dim",
        metadata.containsKey("llama.attention.key_length")
            ? integer(metadata, "llama.attention.key_length", file)
            : hidden / heads);
    config.put("hidden_act", "silu");
    config.put("hidden_size", hidden);
    config.put("initializer_range", 0.02);
    config.put("intermediate_size", integer(metadata, "llama.feed_forward_length", file));
    config.put("max_position_embeddings", integer(metadata, "llama.context_length", file));
    config.put("mlp_bias", false);
    config.put("model_type", "llama");
    config.put("num_attention_heads", heads);
    config.put("num_hidden_layers", integer(metadata, "llama.block_count", file));
    config.put("num_key_value_heads", keyValueHeads(metadata, file));
    config.put("pretraining_tp", 1);
    config.put(
        "rms_norm_eps", shortest(metadata, "llama.attention.layer_norm_rms_epsilon", 1e-5, file));
    config.put("rope_scaling", null);
    config.put("rope_theta", shortest(metadata, "llama.rope.freq_base", 10000.0, file));
    config.put("tie_word_embeddings", tied);
    config.put("torch_dtype", dtype == Dtype.BF16 ? "bfloat16" : "float32");
    config.put("use_cache", true);
    config.put("vocab_size", new GgufTokenizer(metadata, file).vocabularySize());
    return config;
  }

  /** GGUF holds float32: 9.999999747378752e-06 was 1e-05 in the original. */
  private static double shortest(
      Map<String, Object> metadata, String key, double preset, Path file) {
    if (metadata.getOrDefault(key, preset) instanceof Number number) {
      return Double.parseDouble(Float.toString(number.floatValue()));
    }
    throw new BadInputException(
        "%s: expected a number for %s, found %s.".formatted(file, key, metadata.get(key)));
  }

  private static int keyValueHeads(Map<String, Object> metadata, Path file) {
    return metadata.containsKey("llama.attention.head_count_kv")
        ? integer(metadata, "llama.attention.head_count_kv", file)
        : integer(metadata, "llama.attention.head_count", file);
  }

  private static Map<String, Object> generationConfig(Map<String, Object> metadata) {
    var config = new LinkedHashMap<String, Object>();
    token(config, metadata, "bos_token_id", "bos");
    token(config, metadata, "eos_token_id", "eos");
    token(config, metadata, "pad_token_id", "padding");
    return config;
  }

  private static void token(
      Map<String, Object> config, Map<String, Object> metadata, String key, String name) {
    if (metadata.get("tokenizer.ggml." + name + "_token_id") instanceof Long id) {
      config.put(key, id);
    }
  }

  private static String newName(String name, Path file) {
    return switch (name) {
      case "token_embd.weight" -> "model.embed_tokens.weight";
      case "output_norm.weight" -> "model.norm.weight";
      case "output.weight" -> "lm_head.weight";
      default -> blockName(name, file);
    };
  }

  private static String blockName(String name, Path file) {
    String[] pieces = name.split("\\.", -1);
    if (pieces.length == 4
        && pieces[0].equals("blk")
        && PARTS.containsKey(pieces[2])
        && pieces[3].equals("weight")) {
      return "model.layers." + pieces[1] + "." + PARTS.get(pieces[2]) + ".weight";
    }
    throw new BadInputException(
        "%s: tensor %s is not known in the llama family.".formatted(file, name));
  }

  private static int integer(Map<String, Object> metadata, String key, Path file) {
    if (metadata.get(key) instanceof Long number && number > 0 && number <= Integer.MAX_VALUE) {
      return number.intValue();
    }
    throw new BadInputException(
        "%s: expected a positive integer for %s, found %s."
            .formatted(file, key, metadata.get(key)));
  }
}
