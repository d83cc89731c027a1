package dev.whetstone.models.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The model families that the decoder computes exactly: one line each, and how its {@code
 * config.json} is read.
 */
enum Family {
  /**
   * transformers, models/llama: no biases, SwiGLU, half-split rotary embedding, grouped key/value
   * heads.
   */
  LLAMA("llama") {
    @Override
    DecoderConfig read(JsonNode config, String where) {
      refuse(where, config.path("attention_bias").asBoolean(false), "attention_bias true");
      refuse(where, config.path("mlp_bias").asBoolean(false), "mlp_bias true");
      String activation = config.path("hidden_act").asText("silu");
      refuse(where, !activation.equals("silu"), "hidden_act " + activation + " (known: silu)");
      // v5: rope_parameters holds both; v4: rope_theta beside rope_scaling.
      JsonNode rotary =
          config.hasNonNull("rope_parameters")
              ? config.get("rope_parameters")
              : config.path("rope_scaling");
      String kind = rotary.path("rope_type").asText(rotary.path("type").asText("default"));
      refuse(where, !kind.equals("default"), "rotary kind " + kind + " (known: default)");
      double base = rotary.path("rope_theta").asDouble(config.path("rope_theta").asDouble(10_000));
      int heads = integer(config, "num_attention_heads", where);
      int hidden = integer(config, "hidden_size", where);
      return new DecoderConfig(
          integer(config, "vocab_size", where),
          hidden,
          integer(config, "intermediate_size", where),
          integer(config, "num_hidden_layers", where),
          heads,
          config.hasNonNull("num_key_value_heads")
              ? integer(config, "num_key_value_heads", where)
              : heads,
          config.hasNonNull("head_dim") ? integer(config, "head_dim", where) : hidden / heads,
          config.path("rms_norm_eps").asDouble(1e-6),
          base,
          config.path("max_position_embeddings").asInt(2048),
          config.path("tie_word_embeddings").asBoolean(false));
    }
  };

  private final String modelType;

  Family(String modelType) {
    this.modelType = modelType;
  }

  abstract DecoderConfig read(JsonNode config, String where);

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

  private static int integer(JsonNode config, String key, String where) {
    if (!config.path(key).isInt()) {
      throw new BadInputException(
          "%s: expected an integer %s, found %s.".formatted(where, key, config.path(key)));
    }
    return config.get(key).asInt();
  }

  private static void refuse(String where, boolean found, String what) {
    if (found) {
      throw new BadInputException("%s: %s is not supported yet.".formatted(where, what));
    }
  }
}
