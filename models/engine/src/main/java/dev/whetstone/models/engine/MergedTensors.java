package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model's tensors with an adapter added as they are read: {@code W + scale * B A}, summed in
 * double and rounded once. The sources stay the caller's.
 */
final class MergedTensors implements TensorSource {
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  private final TensorSource weights;
  private final TensorSource pairs;
  private final double scale;
  private final Map<String, String> adapterByWeight = new HashMap<>();

  /**
   * @throws BadInputException if the adapter does not fit the model
   */
  MergedTensors(
      TensorSource weights, TensorSource pairs, double scale, Path adapterFolder, Path model) {
    this.weights = weights;
    this.pairs = pairs;
    this.scale = scale;
    var shapes = new HashMap<String, List<Long>>();
    weights.names().forEach(name -> shapes.put(name, weights.shape(name)));
    AdapterMerge.check(pairs, shapes, adapterFolder, model);
    for (String name : pairs.names()) {
      if (name.endsWith(A)) {
        adapterByWeight.put(AdapterMerge.baseWeight(name), name);
      }
    }
  }

  @Override
  public Set<String> names() {
    return weights.names();
  }

  @Override
  public List<Long> shape(String name) {
    return weights.shape(name);
  }

  @Override
  public Dtype dtype(String name) {
    return Dtype.F32;
  }

  @Override
  public void read(String name, long first, FloatBuffer into) {
    int start = into.position();
    int count = into.remaining();
    weights.read(name, first, into);
    String adapter = adapterByWeight.get(name);
    if (adapter == null) {
      return;
    }
    int in = Math.toIntExact(weights.shape(name).get(1));
    int rank = Math.toIntExact(pairs.shape(adapter).get(0));
    float[] a = values(adapter, 0, rank * in);
    String up = adapter.substring(0, adapter.length() - A.length()) + B;
    int firstRow = Math.toIntExact(first / in);
    int rows = Math.toIntExact((first + count - 1) / in) - firstRow + 1;
    float[] b = values(up, (long) firstRow * rank, rows * rank);
    for (int i = 0; i < count; i++) {
      int row = Math.toIntExact((first + i) / in) - firstRow;
      int column = Math.toIntExact((first + i) % in);
      double update = 0;
      for (int r = 0; r < rank; r++) {
        update += (double) b[row * rank + r] * a[r * in + column];
      }
      into.put(start + i, (float) (into.get(start + i) + scale * update));
    }
  }

  private float[] values(String name, long first, int count) {
    var values = new float[count];
    pairs.read(name, first, FloatBuffer.wrap(values));
    return values;
  }

  @Override
  public void close() {}
}
