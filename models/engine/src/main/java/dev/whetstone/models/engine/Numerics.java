package dev.whetstone.models.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.EnumKeys;

/** In which types a model is computed. */
public enum Numerics {
  /** Everything in float32, whatever the files hold. */
  FLOAT32,
  /**
   * The types of lm-evaluation-harness 0.4.13's {@code hf} model with {@code dtype=auto}
   * (models/huggingface.py): what {@code config.json} names, bfloat16 or float32; log-softmax and
   * the sum of a continuation in that type too. Values are those of torch's operators on this
   * machine, of which bfloat16 ones depend on the shape of a batch in the last bit.
   */
  LM_EVAL;

  /**
   * The numerics of a name: {@code float32}, {@code lm-eval}.
   *
   * @throws IllegalArgumentException that lists the known names
   */
  public static Numerics of(String name) {
    return EnumKeys.of(Numerics.class, "unknown numerics", name);
  }

  /** The name that {@link #of} takes. */
  public String label() {
    return EnumKeys.key(this);
  }

  /**
   * Whether a model is computed in bfloat16.
   *
   * @param where the configuration's file, for messages
   * @throws BadInputException if the model's type is neither bfloat16 nor float32
   */
  boolean isBfloat16(JsonNode config, String where) {
    if (this == FLOAT32) {
      return false;
    }
    String type = config.path("dtype").asText(config.path("torch_dtype").asText("float32"));
    if (!type.equals("bfloat16") && !type.equals("float32")) {
      throw new BadInputException(
          "%s: its dtype is %s; numerics lm-eval computes bfloat16 and float32. Leave --numerics out to compute in float32."
              .formatted(where, type));
    }
    return type.equals("bfloat16");
  }
}
