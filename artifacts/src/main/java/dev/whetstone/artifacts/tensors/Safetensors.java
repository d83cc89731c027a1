package dev.whetstone.artifacts.tensors;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The safetensors format: mapped reading with every header check, and atomic writing. */
public final class Safetensors {
  private Safetensors() {}

  /** Opens one {@code .safetensors} file. */
  public static TensorSource open(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }

  /**
   * Opens {@code model.safetensors}, or the shards that {@code model.safetensors.index.json} lists,
   * of a model folder.
   */
  public static TensorSource openFolder(Path folder) {
    throw new UnsupportedOperationException(folder.toString());
  }

  /** The {@code __metadata__} of a file. */
  public static Map<String, String> metadata(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }

  /** A float32 tensor to write: row-major values. */
  public record FloatTensor(String name, List<Long> shape, float[] values) {}

  /** Writes float32 tensors, in the given order, by atomic rename. */
  public static void write(Path file, List<FloatTensor> tensors, Map<String, String> metadata) {
    throw new UnsupportedOperationException(file + " " + tensors.size() + metadata);
  }

  /**
   * Copies all tensors of {@code source} to {@code file}, widened to float32 or rounded to bfloat16
   * (nearest even), streaming.
   */
  public static void copy(
      TensorSource source,
      Map<String, String> newNameByName,
      Path file,
      Dtype dtype,
      Map<String, String> metadata) {
    throw new UnsupportedOperationException(file + " " + source + newNameByName + dtype + metadata);
  }
}
