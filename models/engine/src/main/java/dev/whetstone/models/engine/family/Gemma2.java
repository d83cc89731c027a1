package dev.whetstone.models.engine.family;

/**
 * Gemma 2: capped scores and logits, windows in every other block, norms on both sides, scaled
 * embeddings; transformers 5.23, models/gemma2.
 */
final class Gemma2 implements Family {
  private static final int HEAD = 256;
  private static final int WINDOW = 4096;

  private static final Layout LAYOUT =
      Layout.USUAL.with(
          Layout.part("post_attention_layernorm.weight", Slot.ATTENTION_NORM),
          Layout.part("pre_feedforward_layernorm.weight", Slot.FEED_NORM),
          Layout.part("post_feedforward_layernorm.weight", Slot.OUT_NORM));

  @Override
  public DecoderConfig read(ConfigValues config) {
    config.refuse(
        config.flag("use_bidirectional_attention", false), "use_bidirectional_attention true");
    Draft draft = Draft.of(config, HEAD, 8192, 1e-6, Rotary.Reading.WHOLE);
    draft.layout = LAYOUT;
    draft.tied = config.flag("tie_word_embeddings", true);
    draft.keyValueHeads = config.integer("num_key_value_heads", 4);
    draft.activation =
        Activation.of(
            config,
            config.has("hidden_activation") ? "hidden_activation" : "hidden_act",
            "gelu_pytorch_tanh");
    draft.embeddingScale = (float) Math.sqrt(config.integer("hidden_size"));
    draft.normsFromOne = true;
    draft.outputNorms = true;
    draft.biases = config.flag("attention_bias", false);
    draft.outputBias = draft.biases;
    draft.scale = 1 / Math.sqrt(config.real("query_pre_attn_scalar", HEAD));
    draft.cap = cap(config, "attn_logit_softcapping", 50);
    draft.logitCap = cap(config, "final_logit_softcapping", 30);
    // Absent means 4,096, null means none.
    boolean given = config.json().has("sliding_window");
    draft.slide(given ? config.integer("sliding_window", 0) : WINDOW, block -> block % 2 == 0);
    return draft.finish();
  }

  /** Absent means {@code preset}, null means none. */
  private static double cap(ConfigValues config, String key, double preset) {
    return config.real(key, config.json().has(key) ? 0 : preset);
  }
}
