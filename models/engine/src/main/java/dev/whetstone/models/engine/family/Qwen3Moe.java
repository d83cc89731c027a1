package dev.whetstone.models.engine.family;

import dev.whetstone.models.engine.family.DecoderConfig.Experts;

/** Qwen3 with experts: transformers 5.23, models/qwen3_moe. */
final class Qwen3Moe implements Family {
  @Override
  public DecoderConfig read(ConfigValues config) {
    Draft draft = Draft.of(config, 0, 32_768, 1e-6, Rotary.Reading.WHOLE);
    draft.layout = Qwen2Moe.LAYOUT;
    Qwen3.normHeads(draft);
    draft.slide(Qwen2.window(config));
    draft.mix(
        new Experts(
            config.integer("num_experts", config.integer("num_local_experts", 128)),
            config.integer("num_experts_per_tok", 8),
            config.integer("moe_intermediate_size", 768),
            config.flag("norm_topk_prob", false),
            0));
    return draft.finish();
  }
}
