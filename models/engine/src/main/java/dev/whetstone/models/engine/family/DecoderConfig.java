package dev.whetstone.models.engine.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.ModelFolder;
import java.util.List;
import java.util.Optional;

/**
 * What a decoder's forward pass depends on besides its weights.
 *
 * @param layout how the tensors of its files are named
 * @param vocabulary V
 * @param hidden D, the width of the stream
 * @param layers blocks
 * @param maxPositions longest context
 * @param tied whether the vocabulary projection is the embedding
 * @param embeddingScale what embeddings are multiplied by
 * @param logitCap c where logits become {@code c tanh(x / c)}; 0 for none
 * @param normEpsilon of RMSNorm
 * @param normsFromOne whether norms multiply by 1 + weight
 * @param outputNorms whether what attention and feed-forward layer add to the stream is normed
 * @param attention of every block
 * @param rotary how the rotary embedding turns
 * @param feed the feed-forward layer of every block
 */
public record DecoderConfig(
    Layout layout,
    int vocabulary,
    int hidden,
    int layers,
    int maxPositions,
    boolean tied,
    double embeddingScale,
    double logitCap,
    double normEpsilon,
    boolean normsFromOne,
    boolean outputNorms,
    Attention attention,
    Rotary rotary,
    FeedForward feed) {

  static final int MAX_HEAD = 65_536;

  /**
   * @param heads H
   * @param keyValueHeads K; divides H
   * @param headSize S
   * @param scale what scores are multiplied by
   * @param cap c where scores become {@code c tanh(x / c)}; 0 for none
   * @param biases whether the projections to query, key and value have biases
   * @param outputBias whether the projection from the heads has one
   * @param headNorms whether queries and keys are normed by head, before they are rotated
   * @param window W: a token sees itself and the W - 1 before it; 0 for all
   * @param windowed per block, whether it has this window
   */
  public record Attention(
      int heads,
      int keyValueHeads,
      int headSize,
      double scale,
      double cap,
      boolean biases,
      boolean outputBias,
      boolean headNorms,
      int window,
      List<Boolean> windowed) {
    public Attention {
      checkSize("heads", heads);
      checkSize("keyValueHeads", keyValueHeads);
      checkSize("headSize", headSize);
      if (headSize > MAX_HEAD || headSize % 2 != 0) {
        throw new IllegalArgumentException(
            "headSize must be even and at most %d: %d".formatted(MAX_HEAD, headSize));
      }
      if (heads % keyValueHeads != 0) {
        throw new IllegalArgumentException(
            "heads must be a multiple of keyValueHeads: %d, %d".formatted(heads, keyValueHeads));
      }
      checkFactor("the scale of attention", scale);
      checkCap(cap);
      windowed = List.copyOf(windowed);
      if (windowed.contains(true) ? window < 1 : window != 0) {
        throw new IllegalArgumentException(
            "window must be >= 1 where a block has one, else 0: " + window);
      }
    }

    /** Whether a context of so many tokens is longer than a window of any block. */
    public boolean slides(int length) {
      return length > window && windowed.contains(true);
    }
  }

  /**
   * @param intermediate I, of blocks without experts
   * @param activation of the gate
   * @param biases whether gate, up and down have biases
   * @param experts of the sparse blocks
   * @param sparse per block, whether it has experts
   */
  public record FeedForward(
      int intermediate,
      Activation activation,
      boolean biases,
      Optional<Experts> experts,
      List<Boolean> sparse) {
    public FeedForward {
      checkSize("intermediate", intermediate);
      sparse = List.copyOf(sparse);
      if (experts.isPresent() != sparse.contains(true)) {
        throw new IllegalArgumentException("sparse blocks, and only they, have experts");
      }
    }
  }

  /**
   * A mixture of experts: softmax over all, in float32, then the most probable.
   *
   * @param count E
   * @param perToken how many of them see a token
   * @param intermediate X
   * @param normalised whether the weights of a token's experts add up to 1
   * @param sharedIntermediate Y, of the expert that sees every token; 0 for none
   */
  public record Experts(
      int count, int perToken, int intermediate, boolean normalised, int sharedIntermediate) {
    public Experts {
      checkSize("experts", count);
      checkSize("experts per token", perToken);
      checkSize("the experts' intermediate", intermediate);
      if (perToken > count || sharedIntermediate < 0) {
        throw new IllegalArgumentException(
            "expected at most %d experts per token and a shared width >= 0: %d, %d"
                .formatted(count, perToken, sharedIntermediate));
      }
    }
  }

  public DecoderConfig {
    checkSize("vocabulary", vocabulary);
    checkSize("hidden", hidden);
    checkSize("layers", layers);
    checkSize("maxPositions", maxPositions);
    if (!(normEpsilon >= 0 && normEpsilon < 1)) {
      throw new IllegalArgumentException("normEpsilon must be in [0, 1): " + normEpsilon);
    }
    checkFactor("embeddingScale", embeddingScale);
    checkCap(logitCap);
    if (attention.windowed().size() != layers || feed.sparse().size() != layers) {
      throw new IllegalArgumentException(
          "windows are of %d and experts of %d layers, expected %d"
              .formatted(attention.windowed().size(), feed.sparse().size(), layers));
    }
    if (rotary.size() > attention.headSize()) {
      throw new IllegalArgumentException(
          "the rotary embedding turns %d dimensions of heads of %d"
              .formatted(rotary.size(), attention.headSize()));
    }
  }

  private static void checkSize(String name, int size) {
    if (size < 1) {
      throw new IllegalArgumentException("%s must be >= 1: %d".formatted(name, size));
    }
  }

  private static void checkFactor(String name, double factor) {
    if (!(factor > 0 && factor <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("%s must be > 0 and finite: %s".formatted(name, factor));
    }
  }

  private static void checkCap(double cap) {
    if (!(cap >= 0 && cap <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("a cap must be >= 0 and finite: " + cap);
    }
  }

  /** This configuration with a vocabulary projection that is not the embedding. */
  public DecoderConfig untied() {
    return new DecoderConfig(
        layout,
        vocabulary,
        hidden,
        layers,
        maxPositions,
        false,
        embeddingScale,
        logitCap,
        normEpsilon,
        normsFromOne,
        outputNorms,
        attention,
        rotary,
        feed);
  }

  /** As the other one, of a model folder's own. */
  public static DecoderConfig of(ModelFolder model) {
    return of(model.config(), model.path() + "/config.json");
  }

  /**
   * Reads a {@code config.json}, in the spelling of transformers 4 or 5.
   *
   * @param where the file, for messages
   * @throws BadInputException if the family or a value is unknown
   */
  public static DecoderConfig of(JsonNode config, String where) {
    try {
      return Families.of(config, where).read(new ConfigValues(config, where));
    } catch (IllegalArgumentException e) {
      throw new BadInputException(where + ": " + e.getMessage() + ".", e);
    }
  }
}
