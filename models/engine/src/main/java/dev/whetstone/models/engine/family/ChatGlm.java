package dev.whetstone.models.engine.family;

/**
 * ChatGLM3 and GLM-4-9B in their first layout: what {@code glm} computes under other names
 * (THUDM/chatglm3-6b, configuration_chatglm.py and modeling_chatglm.py).
 */
final class ChatGlm implements Family {
  private static final double BASE = 10_000;

  private static final Layout LAYOUT =
      new Layout(
              "transformer.embedding.word_embeddings.weight",
              "transformer.encoder.final_layernorm.weight",
              "transformer.output_layer.weight",
              "transformer.encoder.layers.%d.",
              Layout.USUAL.parts())
          .with(
              Layout.part(
                  "self_attention.query_key_value.weight", Slot.QUERY, Slot.KEY, Slot.VALUE),
              Layout.part(
                  "self_attention.query_key_value.bias",
                  Slot.QUERY_BIAS,
                  Slot.KEY_BIAS,
                  Slot.VALUE_BIAS),
              Layout.part("self_attention.dense.weight", Slot.OUTPUT),
              Layout.part("mlp.dense_h_to_4h.weight", Slot.GATE, Slot.UP),
              Layout.part("mlp.dense_4h_to_h.weight", Slot.DOWN));

  @Override
  public DecoderConfig read(ConfigValues config) {
    config.refuse(!config.flag("rmsnorm", true), "rmsnorm false");
    config.refuse(!config.flag("post_layer_norm", true), "post_layer_norm false");
    config.refuse(!config.flag("original_rope", true), "original_rope false");
    config.refuse(config.flag("add_bias_linear", false), "add_bias_linear true");
    String residual = "apply_residual_connection_post_layernorm";
    config.refuse(config.flag(residual, false), residual + " true");
    config.refuse(config.has("pre_seq_len"), "pre_seq_len");
    int heads = config.integer("num_attention_heads");
    Draft draft =
        Draft.empty(
            config,
            config.integer("num_layers"),
            config.integer("hidden_size"),
            heads,
            config.integer("kv_channels", 128));
    draft.layout = LAYOUT;
    draft.vocabulary =
        config.integer(config.has("padded_vocab_size") ? "padded_vocab_size" : "vocab_size");
    draft.intermediate = config.integer("ffn_hidden_size");
    draft.maxPositions = config.integer("seq_length", 2048);
    draft.tied = config.flag("tie_word_embeddings", false);
    draft.normEpsilon = config.real("layernorm_epsilon", 1e-5);
    draft.keyValueHeads =
        config.flag("multi_query_attention", false)
            ? config.integer("multi_query_group_num", 1)
            : heads;
    draft.biases = config.flag("add_qkv_bias", false);
    draft.activation = Activation.SILU;
    draft.rotary =
        Rotary.ofBase(config, BASE * config.real("rope_ratio", 1), draft.headSize / 2, true);
    return draft.finish();
  }
}
