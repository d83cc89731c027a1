package dev.whetstone.datasets.quality;

/**
 * The network and how it learns.
 *
 * @param dimension width of an embedding and of the hidden layer, E = H; at least 1
 * @param epochs times that each row is seen; at least 1
 * @param batch rows of a step; at least 1
 * @param learningRate of Adam at the start; it falls linearly to 0
 */
public record NetworkConfig(Integer dimension, Integer epochs, Integer batch, Double learningRate) {
  public NetworkConfig {
    dimension = dimension == null ? 8 : dimension;
    epochs = epochs == null ? 8 : epochs;
    batch = batch == null ? 32 : batch;
    learningRate = learningRate == null ? 0.01 : learningRate;
    if (dimension < 1 || epochs < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "dimension, epochs and batch must be >= 1: %d, %d, %d"
              .formatted(dimension, epochs, batch));
    }
    if (!(learningRate > 0 && learningRate < 1)) {
      throw new IllegalArgumentException("learning_rate must be inside (0, 1): " + learningRate);
    }
  }
}
