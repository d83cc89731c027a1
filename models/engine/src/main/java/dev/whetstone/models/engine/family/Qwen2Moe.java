package dev.whetstone.models.engine.family;

import dev.whetstone.models.engine.family.DecoderConfig.Experts;

/**
 * Qwen1.5 and 2 with experts, one of which sees every token: transformers 5.23, models/qwen2_moe.
 */
final class Qwen2Moe implements Family {
  private static final int FULL_LAYERS = 28;

  /** Routed experts as Qwen names them. */
  static final Layout LAYOUT =
      Layout.USUAL.with(
          Layout.part("mlp.gate.weight", Slot.ROUTER),
          Layout.part("mlp.experts.%d.gate_proj.weight", Slot.EXPERT_GATE),
          Layout.part("mlp.experts.%d.up_proj.weight", Slot.EXPERT_UP),
          Layout.part("mlp.experts.%d.down_proj.weight", Slot.EXPERT_DOWN),
          Layout.part("mlp.shared_expert_gate.weight", Slot.SHARED_SWITCH),
          Layout.part("mlp.shared_expert.gate_proj.weight", Slot.SHARED_GATE),
          Layout.part("mlp.shared_expert.up_proj.weight", Slot.SHARED_UP),
          Layout.part("mlp.shared_expert.down_proj.weight", Slot.SHARED_DOWN));

  @Override
  public DecoderConfig read(ConfigValues config) {
    Draft draft = Draft.of(config, 0, 32_768, 1e-6, Rotary.Reading.WHOLE);
    draft.layout = LAYOUT;
    draft.biases = config.flag("qkv_bias", true);
    int full = config.integer("max_window_layers", FULL_LAYERS);
    // Every other block, and below the limit: not as in qwen2.
    draft.slide(Qwen2.window(config), block -> block % 2 == 0 && block < full);
    draft.mix(
        new Experts(
            config.integer("num_experts", 60),
            config.integer("num_experts_per_tok", 4),
            config.integer("moe_intermediate_size", 1408),
            config.flag("norm_topk_prob", false),
            config.integer("shared_expert_intermediate_size", 5632)));
    return draft.finish();
  }
}
