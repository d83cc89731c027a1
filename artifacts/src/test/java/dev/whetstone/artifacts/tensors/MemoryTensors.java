package dev.whetstone.artifacts.tensors;

import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Float32 tensors of a test. */
final class MemoryTensors implements TensorSource {
  private final Map<String, FloatTensor> tensors = new LinkedHashMap<>();

  MemoryTensors(FloatTensor... tensors) {
    for (FloatTensor tensor : tensors) {
      this.tensors.put(tensor.name(), tensor);
    }
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public List<Long> shape(String name) {
    return tensors.get(name).shape();
  }

  @Override
  public Dtype dtype(String name) {
    return Dtype.F32;
  }

  @Override
  public void read(String name, long first, FloatBuffer into) {
    into.put(tensors.get(name).values(), Math.toIntExact(first), into.remaining());
  }

  @Override
  public void close() {}
}
