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
      refuse(where, flag(config, "attention_bias", where), "attention_bias true");
      refuse(where, flag(config, "mlp_bias", where), "mlp_bias true");
      String activation = config.path("hidden_act").asText("silu");
      refuse(where, !activation.equals("silu"), "hidden_act " + activation + " (known: silu)");
      // v5: rope_parameters holds both; v4: rope_theta beside rope_scaling.
      JsonNode rotary =
          config.hasNonNull("rope_parameters")
              ? config.get("rope_parameters")
              : config.path("rope_scaling");
      if (!rotary.isMissingNode() && !rotary.isNull() && !rotary.isObject()) {
        throw new BadInputException(
            "%s: expected the rotary parameters as an object, found %s.".formatted(where, rotary));
      }
      String kind = rotary.path("rope_type").asText(rotary.path("type").asText("default"));
      refuse(where, !kind.equals("default"), "rotary kind " + kind + " (known: default)");
      double base = real(rotary, "rope_theta", real(config, "rope_theta", 10_000, where), where);
      int heads = integer(config, "num_attention_heads", where);
      int hidden = integer(config, "hidden_size", where);
      return new DecoderConfig(
          integer(config, "vocab_size", where),
          hidden,
          integer(config, "intermediate_size", where),
          integer(config, "num_hidden_layers", where),
          heads,
          integer(config, "num_key_value_heads", heads, where),
          integer(config, "head_dim", hidden / Math.max(1, heads), where),
          real(config, "rms_norm_eps", 1e-6, where),
          base,
          integer(config, "max_position_embeddings", 2048, where),
          flag(config, "tie_word_embeddings", where));
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

  /** {@code preset} where the key is absent or null; anything but an integer is a fault. */
  private static int integer(JsonNode config, String key, int preset, String where) {
    return config.hasNonNull(key) ? integer(config, key, where) : preset;
  }

  private static double real(JsonNode config, String key, double preset, String where) {
    if (!config.hasNonNull(key)) {
      return preset;
    }
    if (!config.path(key).isNumber()) {
      throw new BadInputException(
          "%s: expected a number %s, found %s.".formatted(where, key, config.path(key)));
    }
    return config.get(key).doubleValue();
  }

  private static boolean flag(JsonNode config, String key, String where) {
    if (!config.hasNonNull(key)) {
      return false;
    }
    if (!config.path(key).isBoolean()) {
      throw new BadInputException(
          "%s: expected true or false for %s, found %s.".formatted(where, key, config.path(key)));
    }
    return config.get(key).booleanValue();
  }

  private static void refuse(String where, boolean found, String what) {
    if (found) {
      throw new BadInputException("%s: %s is not supported yet.".formatted(where, what));
    }
  }
}
