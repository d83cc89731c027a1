package dev.whetstone.models.engine.family;

import dev.whetstone.models.engine.family.DecoderConfig.Attention;
import dev.whetstone.models.engine.family.DecoderConfig.Experts;
import dev.whetstone.models.engine.family.DecoderConfig.FeedForward;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A configuration in the making: it begins as what most families have in common, read by the keys
 * of transformers, and a family changes what it has its own way.
 */
final class Draft {
  /** Above any model; a list of blocks is made before their tensors are counted. */
  private static final int MAX_LAYERS = 10_000;

  final ConfigValues config;
  final int layers;
  Layout layout = Layout.USUAL;
  int vocabulary;
  int intermediate;
  int maxPositions;
  boolean tied;
  double embeddingScale = 1;
  double logitCap;
  double normEpsilon;
  boolean normsFromOne;
  boolean outputNorms;
  int heads;
  int keyValueHeads;
  int headSize;
  double scale;
  double cap;
  boolean biases;
  boolean outputBias;
  boolean headNorms;
  int window;
  Activation activation;
  boolean feedBiases;
  Rotary rotary;
  private final int hidden;
  private Optional<Experts> experts = Optional.empty();
  private List<Boolean> windowed;
  private List<Boolean> sparse;

  private Draft(ConfigValues config, int layers, int hidden, int heads, int headSize) {
    if (layers < 1 || layers > MAX_LAYERS) {
      throw config.fault("layers must be in 1..%d: %d".formatted(MAX_LAYERS, layers));
    }
    if (headSize < 1 || headSize > DecoderConfig.MAX_HEAD) {
      throw config.fault(
          "head_dim must be in 1..%d, found %d".formatted(DecoderConfig.MAX_HEAD, headSize));
    }
    this.config = config;
    this.layers = layers;
    this.hidden = hidden;
    this.heads = heads;
    this.headSize = headSize;
    this.scale = 1 / Math.sqrt(headSize);
    this.windowed = Collections.nCopies(layers, false);
    this.sparse = Collections.nCopies(layers, false);
  }

  /** A draft of sizes alone. */
  static Draft empty(ConfigValues config, int layers, int hidden, int heads, int headSize) {
    return new Draft(config, layers, hidden, heads, headSize);
  }

  /**
   * Reads what most families spell alike.
   *
   * @param headSize where {@code head_dim} is absent; 0 for the share of a head in D
   * @param maxPositions where {@code max_position_embeddings} is absent
   * @param epsilon where {@code rms_norm_eps} is absent
   */
  static Draft of(
      ConfigValues config, int headSize, int maxPositions, double epsilon, Rotary.Reading rotary) {
    int hidden = config.integer("hidden_size");
    int heads = config.integer("num_attention_heads");
    int share = headSize == 0 ? hidden / Math.max(1, heads) : headSize;
    var draft =
        new Draft(
            config,
            config.integer("num_hidden_layers"),
            hidden,
            heads,
            config.integer("head_dim", share));
    draft.vocabulary = config.integer("vocab_size");
    draft.intermediate = config.integer("intermediate_size");
    draft.maxPositions = config.integer("max_position_embeddings", maxPositions);
    draft.tied = config.flag("tie_word_embeddings", false);
    draft.normEpsilon = config.real("rms_norm_eps", epsilon);
    draft.keyValueHeads = config.integer("num_key_value_heads", heads);
    draft.activation = Activation.of(config, "hidden_act", "silu");
    draft.rotary = Rotary.of(config, draft.headSize, rotary);
    draft.maxPositions = draft.rotary.longest(draft.maxPositions);
    return draft;
  }

  /** Every block has this window; 0 for none. */
  void slide(int window) {
    this.window = window;
    windowed = Collections.nCopies(layers, window > 0);
  }

  /**
   * The blocks that {@code slides} names have this window, unless {@code layer_types} names them.
   */
  void slide(int window, IntPredicate slides) {
    this.window = window;
    var all = new ArrayList<Boolean>();
    List<String> types = config.texts("layer_types");
    if (!types.isEmpty() && types.size() != layers) {
      throw config.fault(
          "layer_types has %d entries, expected one for each of %d layers"
              .formatted(types.size(), layers));
    }
    for (int block = 0; block < layers; block++) {
      boolean given = slides.test(block);
      if (!types.isEmpty()) {
        given =
            switch (types.get(block)) {
              case "sliding_attention" -> true;
              case "full_attention" -> false;
              default ->
                  throw config.fault(
                      "unknown layer type \"%s\"; known: full_attention, sliding_attention"
                          .formatted(types.get(block)));
            };
      }
      all.add(given && window > 0);
    }
    windowed = all;
    this.window = all.contains(true) ? window : 0;
  }

  /**
   * Blocks with experts: every {@code decoder_sparse_step}th but for {@code mlp_only_layers}.
   *
   * @param of the experts
   */
  void mix(Experts of) {
    int step = config.integer("decoder_sparse_step", 1);
    if (step < 1) {
      throw config.fault("decoder_sparse_step must be at least 1, found " + step);
    }
    List<Integer> dense = config.integers("mlp_only_layers");
    var all = new ArrayList<Boolean>();
    for (int block = 0; block < layers; block++) {
      all.add(!dense.contains(block) && (block + 1) % step == 0);
    }
    sparse = all;
    experts = all.contains(true) ? Optional.of(of) : Optional.empty();
  }

  DecoderConfig finish() {
    return new DecoderConfig(
        layout,
        vocabulary,
        hidden,
        layers,
        maxPositions,
        tied,
        embeddingScale,
        logitCap,
        normEpsilon,
        normsFromOne,
        outputNorms,
        new Attention(
            heads,
            keyValueHeads,
            headSize,
            scale,
            cap,
            biases,
            outputBias,
            headNorms,
            window,
            windowed),
        rotary,
        new FeedForward(intermediate, activation, feedBiases, experts, sparse));
  }
}
