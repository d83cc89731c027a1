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
 * @param rotaryBase theta of the rotary embedding
 * @param maxPositions longest context
 * @param tied whether the vocabulary projection is the embedding
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
    double rotaryBase,
    int maxPositions,
    boolean tied) {

  public DecoderConfig {
    for (int size :
        new int[] {
          vocabulary, hidden, intermediate, layers, heads, keyValueHeads, headSize, maxPositions
        }) {
      if (size < 1) {
        throw new IllegalArgumentException("sizes must be >= 1: " + size);
      }
    }
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "heads must be a multiple of keyValueHeads: %d, %d".formatted(heads, keyValueHeads));
    }
    if (headSize % 2 != 0) {
      throw new IllegalArgumentException("headSize must be even: " + headSize);
    }
    if (!(normEpsilon >= 0) || !(rotaryBase > 0)) {
      throw new IllegalArgumentException(
          "normEpsilon or rotaryBase: " + normEpsilon + ", " + rotaryBase);
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
      return Family.of(config, where).read(config, where);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(where + ": " + e.getMessage() + ".", e);
    }
  }
}
