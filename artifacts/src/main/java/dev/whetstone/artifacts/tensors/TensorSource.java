package dev.whetstone.artifacts.tensors;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;

/**
 * Named tensors on disk, mapped, read one at a time and widened to float32: a safetensors file, a
 * sharded set of them, or a GGUF file that is dequantised on the way. Thread-safe for reading.
 */
public interface TensorSource extends AutoCloseable {
  Set<String> names();

  /** Shape in row-major order, as torch prints it: a linear weight is [out, in]. */
  List<Long> shape(String name);

  /**
   * Dtype on disk; for a quantised tensor the dtype it widens to without loss, {@link Dtype#F32}.
   */
  Dtype dtype(String name);

  /**
   * Reads elements {@code [first, first + into.remaining())} of the flattened tensor as float32.
   *
   * @param first index of an element; 64-bit, for tensors above 2 GiB
   */
  void read(String name, long first, FloatBuffer into);

  @Override
  void close();
}
