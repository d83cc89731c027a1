package dev.whetstone.models.engine.family;

/** Llama 2 and 3, SmolLM2 and their kin: transformers 5.23, models/llama. */
final class Llama implements Family {
  @Override
  public DecoderConfig read(ConfigValues config) {
    Draft draft = Draft.of(config, 0, 2048, 1e-6, Rotary.Reading.WHOLE);
    draft.biases = config.flag("attention_bias", false);
    draft.outputBias = draft.biases;
    draft.feedBiases = config.flag("mlp_bias", false);
    return draft.finish();
  }
}
