package dev.whetstone.models.engine.family;

/**
 * Qwen1.5, 2 and 2.5 and their coders: biases on query, key and value; transformers 5.23,
 * models/qwen2.
 */
final class Qwen2 implements Family {
  private static final int WINDOW = 4096;
  private static final int FULL_LAYERS = 28;

  @Override
  public DecoderConfig read(ConfigValues config) {
    Draft draft = Draft.of(config, 0, 32_768, 1e-6, Rotary.Reading.WHOLE);
    draft.biases = true;
    slideAbove(draft);
    return draft.finish();
  }

  /** The blocks from {@code max_window_layers} on slide, where the window is used at all. */
  static void slideAbove(Draft draft) {
    int full = draft.config.integer("max_window_layers", FULL_LAYERS);
    draft.slide(window(draft.config), block -> block >= full);
  }

  static int window(ConfigValues config) {
    return config.flag("use_sliding_window", false) ? config.integer("sliding_window", WINDOW) : 0;
  }
}
