package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.AdapterMerge.Change;
import dev.whetstone.models.engine.AdapterMerge.Pair;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.Layout;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A model's tensors with an adapter merged as they are read: {@code W + scale * B A}, which DoRA
 * stretches row by row, summed in double and rounded once. The sources stay the caller's.
 *
 * <p>An adapter that changes one of embedding and head of a model that has one tensor for both
 * makes two of it.
 */
final class MergedTensors implements TensorSource {
  private final TensorSource weights;
  private final TensorSource adapter;
  private final Path adapterFolder;
  private final Map<String, Change> changes;
  private final Optional<Layout> untied;

  /**
   * @throws BadInputException if the adapter does not fit the model
   */
  MergedTensors(
      TensorSource weights, ModelFolder model, TensorSource adapter, AdapterFolder folder) {
    this.weights = weights;
    this.adapter = adapter;
    this.adapterFolder = folder.path();
    this.untied = AdapterMerge.untied(adapter, model).map(config -> config.layout());
    var shapes = new HashMap<String, List<Long>>();
    names().forEach(name -> shapes.put(name, shape(name)));
    AdapterMerge.check(adapter, shapes, folder.path(), model.path());
    this.changes = AdapterMerge.changes(adapter, folder.config().lora());
  }

  /** The configuration of the merged model, where {@code config} is that of the base. */
  DecoderConfig config(DecoderConfig config) {
    return isUntied() ? config.untied() : config;
  }

  /** Whether the head is a tensor of its own, which it was not before. */
  boolean isUntied() {
    return untied.isPresent();
  }

  @Override
  public Set<String> names() {
    var names = new TreeSet<>(weights.names());
    untied.ifPresent(layout -> names.add(layout.head()));
    return names;
  }

  /** The model's tensor that one comes from: a head that was tied is the embedding. */
  private String source(String name) {
    return untied.filter(layout -> name.equals(layout.head())).map(Layout::embedding).orElse(name);
  }

  @Override
  public List<Long> shape(String name) {
    return weights.shape(source(name));
  }

  @Override
  public Dtype dtype(String name) {
    return Dtype.F32;
  }

  @Override
  public void read(String name, long first, FloatBuffer into) {
    Change change = changes.getOrDefault(name, new Change(Optional.empty(), Optional.empty()));
    if (change.pair().isPresent()) {
      merge(name, change, change.pair().get(), first, into);
    } else if (change.replacement().isPresent()) {
      into.put(values(change.replacement().get(), first, into.remaining()));
    } else {
      weights.read(source(name), first, into);
    }
  }

  private void merge(String name, Change change, Pair pair, long first, FloatBuffer into) {
    long end = first + into.remaining();
    int in = Math.toIntExact(shape(name).get(1));
    int rank = Math.toIntExact(adapter.shape(pair.down()).get(0));
    int firstRow = Math.toIntExact(first / in);
    int rows = Math.toIntExact((end - 1) / in) - firstRow + 1;
    float[] a = values(pair.down(), 0, Math.multiplyExact(rank, in)); // [R, I]
    float[] b = values(pair.up(), (long) firstRow * rank, Math.multiplyExact(rows, rank));
    Optional<float[]> lengths = pair.magnitude().map(all -> values(all, firstRow, rows));
    var base = new float[in];
    var update = new double[in];
    for (int row = 0; row < rows; row++) {
      long start = (long) (firstRow + row) * in; // a block may begin and end within a row
      FloatBuffer whole = FloatBuffer.wrap(base);
      change
          .replacement()
          .ifPresentOrElse(
              other -> adapter.read(other, start, whole),
              () -> weights.read(source(name), start, whole));
      update(a, b, row, update);
      double squares = 0;
      for (int i = 0; i < in; i++) {
        update[i] = base[i] + pair.scale() * update[i];
        squares += update[i] * update[i];
      }
      double factor = lengths.isPresent() ? lengths.get()[row] / Math.sqrt(squares) : 1;
      int to = (int) Math.min(in, end - start);
      for (int i = (int) Math.max(0, first - start); i < to; i++) {
        float merged = (float) (factor * update[i]);
        check(merged, name);
        into.put(merged);
      }
    }
  }

  /** Row {@code row} of {@code B A}, [I]. */
  private static void update(float[] a, float[] b, int row, double[] update) {
    int in = update.length;
    int rank = a.length / in;
    Arrays.fill(update, 0);
    for (int r = 0; r < rank; r++) {
      double factor = b[row * rank + r];
      for (int i = 0; i < in; i++) {
        update[i] += factor * a[r * in + i];
      }
    }
  }

  /** Values of the adapter. */
  private float[] values(String name, long first, int count) {
    var values = new float[count];
    adapter.read(name, first, FloatBuffer.wrap(values));
    for (float value : values) {
      check(value, name);
    }
    return values;
  }

  private void check(float value, String name) {
    if (!Float.isFinite(value)) {
      throw new BadInputException(
          "%s: merging it, %s gets a value that is not finite (NaN or infinity); the adapter or its model is damaged, fetch or train it again."
              .formatted(adapterFolder, name));
    }
  }

  @Override
  public void close() {}
}
