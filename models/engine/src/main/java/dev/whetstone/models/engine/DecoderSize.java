package dev.whetstone.models.engine;

import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderConfig.Experts;
import dev.whetstone.models.engine.family.DecoderTensors;
import dev.whetstone.models.engine.family.Slot;
import java.util.List;

/**
 * The numbers of a decoder that its work follows from.
 *
 * @param blockWeights in the matrices of all blocks; of experts, those that a token meets
 * @param headWeights in the vocabulary projection
 * @param layers blocks
 * @param width heads times the width of a head
 */
public record DecoderSize(long blockWeights, long headWeights, int layers, int width) {
  /** The size of a model. */
  public static DecoderSize of(ModelFolder model) {
    DecoderConfig config = DecoderConfig.of(model);
    long blocks = 0;
    for (int block = 0; block < config.layers(); block++) {
      for (Slot slot : Slot.values()) {
        List<Long> shape = DecoderTensors.shape(config, block, slot);
        if (shape.size() > 1) {
          long met =
              shape.size() == 3
                  ? config.feed().experts().map(Experts::perToken).orElse(1)
                  : shape.get(0);
          blocks += met * shape.stream().skip(1).reduce(1L, (a, b) -> a * b);
        }
      }
    }
    return new DecoderSize(
        blocks,
        (long) config.vocabulary() * config.hidden(),
        config.layers(),
        config.attention().heads() * config.attention().headSize());
  }
}
