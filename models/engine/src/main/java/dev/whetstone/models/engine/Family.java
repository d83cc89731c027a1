package dev.whetstone.models.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The model families that the decoder computes exactly: one line each, and in which way they differ
 * from llama. Rules and presets are those of transformers 5.23, models/.
 */
enum Family {
  /** No biases, SwiGLU, half-split rotary embedding, grouped key/value heads. */
  LLAMA("llama") {
    @Override
    DecoderConfig read(ConfigValues config) {
      config.refuse(config.flag("attention_bias", false), "attention_bias true");
      config.refuse(config.flag("mlp_bias", false), "mlp_bias true");
      return decoder(config, defaultHeadSize(config), 2048, false, false);
    }
  },
  /** As llama; its sliding window only where it is as long as the context. */
  MISTRAL("mistral") {
    @Override
    DecoderConfig read(ConfigValues config) {
      DecoderConfig decoder = decoder(config, defaultHeadSize(config), 131_072, false, false);
      // Absent means 4,096, null means none.
      int window =
          config.json().has("sliding_window")
              ? config.integer("sliding_window", Integer.MAX_VALUE)
              : MISTRAL_WINDOW;
      config.refuse(window < decoder.maxPositions(), "sliding_window " + window);
      return decoder;
    }
  },
  /** Query, key and value have biases. */
  QWEN2("qwen2") {
    @Override
    DecoderConfig read(ConfigValues config) {
      config.refuse(config.flag("use_sliding_window", false), "use_sliding_window true");
      return decoder(config, defaultHeadSize(config), 32_768, true, false);
    }
  },
  /** Queries and keys are normed by head before they are rotated. */
  QWEN3("qwen3") {
    @Override
    DecoderConfig read(ConfigValues config) {
      config.refuse(config.flag("attention_bias", false), "attention_bias true");
      config.refuse(config.flag("use_sliding_window", false), "use_sliding_window true");
      return decoder(config, QWEN3_HEAD, 32_768, false, true);
    }
  };

  private static final int MISTRAL_WINDOW = 4096;
  private static final int QWEN3_HEAD = 128;
  private static final int MAX_HEAD = 65_536;

  private final String modelType;

  Family(String modelType) {
    this.modelType = modelType;
  }

  abstract DecoderConfig read(ConfigValues config);

  static Family of(JsonNode config, String where) {
    String type = config.path("model_type").asText("");
    return Arrays.stream(values())
        .filter(family -> family.modelType.equals(type))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    "%s: unknown model_type \"%s\"; known: %s."
                        .formatted(
                            where,
                            type,
                            Arrays.stream(values())
                                .map(f -> f.modelType)
                                .collect(Collectors.joining(", ")))));
  }

  private static int defaultHeadSize(ConfigValues config) {
    return config.integer("hidden_size") / Math.max(1, config.integer("num_attention_heads"));
  }

  private static DecoderConfig decoder(
      ConfigValues config, int headSize, int maxPositions, boolean biases, boolean headNorms) {
    String activation = config.text("hidden_act", "silu");
    config.refuse(!activation.equals("silu"), "hidden_act " + activation + " (known: silu)");
    int heads = config.integer("num_attention_heads");
    int size = config.integer("head_dim", headSize);
    if (size > MAX_HEAD) {
      throw config.fault("head_dim must be at most %d, found %d".formatted(MAX_HEAD, size));
    }
    return new DecoderConfig(
        config.integer("vocab_size"),
        config.integer("hidden_size"),
        config.integer("intermediate_size"),
        config.integer("num_hidden_layers"),
        heads,
        config.integer("num_key_value_heads", heads),
        size,
        config.real("rms_norm_eps", 1e-6),
        Rotary.of(config, Math.max(0, size)),
        config.integer("max_position_embeddings", maxPositions),
        config.flag("tie_word_embeddings", false),
        biases,
        headNorms);
  }
}
