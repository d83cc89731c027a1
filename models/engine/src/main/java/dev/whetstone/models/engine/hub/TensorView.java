package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Some tensors of a source under other names; closing it closes the source. */
class TensorView implements TensorSource {
  private final TensorSource source;
  private final Map<String, String> sourceByName;

  /**
   * @param sourceByName name in the source of each tensor that is shown, in order
   */
  TensorView(TensorSource source, Map<String, String> sourceByName) {
    this.source = source;
    this.sourceByName = Collections.unmodifiableMap(new LinkedHashMap<>(sourceByName));
  }

  @Override
  public final Set<String> names() {
    return sourceByName.keySet();
  }

  @Override
  public final List<Long> shape(String name) {
    return source.shape(sourceByName.get(name));
  }

  @Override
  public final Dtype dtype(String name) {
    return source.dtype(sourceByName.get(name));
  }

  @Override
  public void read(String name, long first, FloatBuffer into) {
    source.read(sourceByName.get(name), first, into);
  }

  @Override
  public final void close() {
    source.close();
  }
}
