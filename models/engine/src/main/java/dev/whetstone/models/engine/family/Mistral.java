package dev.whetstone.models.engine.family;

/** Mistral 7B: as llama with a sliding window; transformers 5.23, models/mistral. */
final class Mistral implements Family {
  private static final int WINDOW = 4096;

  @Override
  public DecoderConfig read(ConfigValues config) {
    Draft draft = Draft.of(config, 0, 131_072, 1e-6, Rotary.Reading.WHOLE);
    // Absent means 4,096, null means none.
    boolean given = config.json().has("sliding_window");
    draft.slide(given ? config.integer("sliding_window", 0) : WINDOW);
    return draft.finish();
  }
}
