package dev.whetstone.models.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;

/**
 * What a decoder's forward pass depends on besides its weights.
 *
 * @param vocabulary V
 * @param hidden D
 * @param intermediate width of the feed-forward layer
 * @param layers blocks
 * @param heads H
 * @param keyValueHeads K; divides H
 * @param headSize of one head
 * @param normEpsilon of RMSNorm
 * @param rotary how the rotary embedding turns
 * @param maxPositions longest context
 * @param tied whether the vocabulary projection is the embedding
 * @param biases whether the projections to query, key and value have biases
 * @param headNorms whether queries and keys are normed by head, before they are rotated
 */
public record DecoderConfig(
    int vocabulary,
    int hidden,
    int intermediate,
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    double normEpsilon,
    Rotary rotary,
    int maxPositions,
    boolean tied,
    boolean biases,
    boolean headNorms) {

  public DecoderConfig {
    checkSize("vocabulary", vocabulary);
    checkSize("hidden", hidden);
    checkSize("intermediate", intermediate);
    checkSize("layers", layers);
    checkSize("heads", heads);
    checkSize("keyValueHeads", keyValueHeads);
    checkSize("headSize", headSize);
    checkSize("maxPositions", maxPositions);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "heads must be a multiple of keyValueHeads: %d, %d".formatted(heads, keyValueHeads));
    }
    if (headSize % 2 != 0) {
      throw new IllegalArgumentException("headSize must be even: " + headSize);
    }
    if (!(normEpsilon >= 0 && normEpsilon < 1)) {
      throw new IllegalArgumentException("normEpsilon must be in [0, 1): " + normEpsilon);
    }
    // The tables of the rotary embedding have this many entries each.
    if ((long) maxPositions * headSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "maxPositions times headSize must be below 2^31: %d, %d"
              .formatted(maxPositions, headSize));
    }
  }

  private static void checkSize(String name, int size) {
    if (size < 1) {
      throw new IllegalArgumentException("%s must be >= 1: %d".formatted(name, size));
    }
  }

  /**
   * Reads a {@code config.json}, in the spelling of transformers 4 or 5.
   *
   * @param where the file, for messages
   * @throws BadInputException if the family or a value is unknown
   */
  public static DecoderConfig of(JsonNode config, String where) {
    try {
      return Family.of(config, where).read(new ConfigValues(config, where));
    } catch (IllegalArgumentException e) {
      throw new BadInputException(where + ": " + e.getMessage() + ".", e);
    }
  }
}
