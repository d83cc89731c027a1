package dev.whetstone.models.engine.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The settings that a model's authors recommend in its {@code generation_config.json}, for those
 * who ask for them; what the file leaves out is as in transformers 5.23
 * (generation/configuration_utils.py, {@code _get_default_generation_params}).
 *
 * @param sampling its seed is 0: the file holds none
 * @param maxNewTokens where the file says so
 */
public record GenerationConfigFile(Sampling sampling, OptionalInt maxNewTokens) {
  public static final String NAME = "generation_config.json";

  /** No file: greedy. */
  public static final GenerationConfigFile NONE =
      new GenerationConfigFile(Sampling.GREEDY, OptionalInt.empty());

  /** transformers' default where a file asks for sampling and names no k. */
  private static final int DEFAULT_TOP_K = 50;

  /** They change no answer of ours: ids, cache and notes. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          "max_length",
          "transformers_version",
          "_from_model_config",
          "use_cache",
          "cache_implementation",
          "return_dict_in_generate",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "trust_remote_code");

  private static final Set<String> KNOWN =
      Set.of(
          "do_sample",
          "temperature",
          "top_k",
          "top_p",
          "min_p",
          "repetition_penalty",
          "max_new_tokens");

  /**
   * Reads the file.
   *
   * @throws BadInputException if it is missing or damaged, or asks for what is not supported
   */
  public static GenerationConfigFile read(Path file) {
    JsonNode config = Json.read(file);
    var unknown = new ArrayList<String>();
    config
        .properties()
        .forEach(
            field -> {
              boolean known = KNOWN.contains(field.getKey());
              if (!known && !WITHOUT_EFFECT.contains(field.getKey()) && !isOff(field)) {
                unknown.add(field.getKey());
              }
            });
    if (!unknown.isEmpty()) {
      throw new BadInputException(
          "%s: \"%s\" is not supported; known: %s. Leave the file and give the options yourself."
              .formatted(
                  file,
                  String.join("\", \"", unknown),
                  String.join(", ", KNOWN.stream().sorted().toList())));
    }
    JsonNode asked = config.path("do_sample");
    if (!asked.isMissingNode() && !asked.isNull() && !asked.isBoolean()) {
      throw new BadInputException(
          "%s: expected true or false for do_sample, found %s.".formatted(file, asked));
    }
    boolean sampled = asked.asBoolean(false);
    try {
      var sampling =
          new Sampling(
              sampled ? number(config, "temperature", 1, file) : 0,
              sampled ? whole(config, "top_k", DEFAULT_TOP_K, file) : 0,
              sampled ? number(config, "top_p", 1, file) : 1,
              sampled ? number(config, "min_p", 0, file) : 0,
              number(config, "repetition_penalty", 1, file),
              0);
      int most = whole(config, "max_new_tokens", 0, file);
      return new GenerationConfigFile(
          sampling, most > 0 ? OptionalInt.of(most) : OptionalInt.empty());
    } catch (BadInputException e) {
      throw e.getMessage().startsWith(file.toString())
          ? e
          : new BadInputException(file + ": " + e.getMessage(), e);
    }
  }

  /** Values with which no rule of transformers is on; a minimum of 1 is on. */
  private static boolean isOff(Map.Entry<String, JsonNode> field) {
    JsonNode value = field.getValue();
    boolean isOne = value.isNumber() && value.doubleValue() == 1;
    return value.isNull()
        || (value.isBoolean() && !value.booleanValue())
        || (value.isNumber() && value.doubleValue() == 0)
        || (isOne && !field.getKey().startsWith("min_"))
        || ((value.isArray() || value.isObject()) && value.isEmpty());
  }

  private static int whole(JsonNode config, String name, int otherwise, Path file) {
    double value = number(config, name, otherwise, file);
    if (value != (int) value) {
      throw new BadInputException(
          "%s: expected a whole number for %s, found %s.".formatted(file, name, value));
    }
    return (int) value;
  }

  private static double number(JsonNode config, String name, double otherwise, Path file) {
    JsonNode value = config.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw new BadInputException(
          "%s: expected a number for %s, found %s.".formatted(file, name, value));
    }
    return value.doubleValue();
  }
}
