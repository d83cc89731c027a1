package dev.whetstone.models.engine.family;

/**
 * GLM-4-9B ({@code glm}) and GLM-4-0414 ({@code glm4}, which also norms what blocks add to the
 * stream): half of each head is rotated, neighbours in pairs; transformers 5.23, models/glm and
 * models/glm4.
 */
final class Glm implements Family {
  private static final int HEAD = 128;
  private static final Rotary.Reading HALF = new Rotary.Reading(true, 0.5, true);

  private static final Layout FUSED =
      Layout.USUAL.with(Layout.part("mlp.gate_up_proj.weight", Slot.GATE, Slot.UP));

  private final boolean sandwich;

  Glm(boolean sandwich) {
    this.sandwich = sandwich;
  }

  @Override
  public DecoderConfig read(ConfigValues config) {
    Draft draft = Draft.of(config, HEAD, 131_072, 1.5625e-7, HALF);
    draft.keyValueHeads = config.integer("num_key_value_heads", 2);
    draft.biases = config.flag("attention_bias", true);
    draft.outputNorms = sandwich;
    draft.layout =
        sandwich
            ? FUSED.with(
                Layout.part("post_self_attn_layernorm.weight", Slot.ATTENTION_NORM),
                Layout.part("post_mlp_layernorm.weight", Slot.OUT_NORM))
            : FUSED;
    return draft.finish();
  }
}
