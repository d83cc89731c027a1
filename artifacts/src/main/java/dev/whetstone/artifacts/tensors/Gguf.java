package dev.whetstone.artifacts.tensors;

import java.nio.file.Path;
import java.util.Map;

/**
 * A GGUF file (versions 2 and 3): metadata, and tensors dequantised bit for bit as the Python
 * {@code gguf} package does. Tensor shapes are given in torch's order.
 */
public final class Gguf {
  private Gguf() {}

  /**
   * An opened file. Metadata values: {@code String}, {@code Long}, {@code Double}, {@code Boolean},
   * {@code List} of these.
   */
  public record File(Map<String, Object> metadata, TensorSource tensors) implements AutoCloseable {
    @Override
    public void close() {
      tensors.close();
    }
  }

  public static File open(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }
}
