package dev.whetstone.models.engine.family;

/** Qwen3: queries and keys are normed by head; transformers 5.23, models/qwen3. */
final class Qwen3 implements Family {
  private static final int HEAD = 128;

  @Override
  public DecoderConfig read(ConfigValues config) {
    Draft draft = Draft.of(config, HEAD, 32_768, 1e-6, Rotary.Reading.WHOLE);
    normHeads(draft);
    Qwen2.slideAbove(draft);
    return draft.finish();
  }

  static void normHeads(Draft draft) {
    draft.headNorms = true;
    draft.biases = draft.config.flag("attention_bias", false);
    draft.outputBias = draft.biases;
  }
}
