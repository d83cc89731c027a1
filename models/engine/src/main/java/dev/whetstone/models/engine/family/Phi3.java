package dev.whetstone.models.engine.family;

/** Phi-3, 3.5 and 4-mini: fused projections; transformers 5.23, models/phi3. */
final class Phi3 implements Family {
  private static final Rotary.Reading PARTIAL = new Rotary.Reading(false, 1, true);

  private static final Layout LAYOUT =
      Layout.USUAL.with(
          Layout.part("self_attn.qkv_proj.weight", Slot.QUERY, Slot.KEY, Slot.VALUE),
          Layout.part("mlp.gate_up_proj.weight", Slot.GATE, Slot.UP));

  @Override
  public DecoderConfig read(ConfigValues config) {
    Draft draft = Draft.of(config, 0, 4096, 1e-5, PARTIAL);
    draft.layout = LAYOUT;
    draft.slide(config.integer("sliding_window", 0));
    return draft.finish();
  }
}
