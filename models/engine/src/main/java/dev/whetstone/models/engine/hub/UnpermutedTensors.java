package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a GGUF file with the rows of some matrices in transformers' order. llama.cpp's
 * rotary embedding pairs neighbouring rows of a head, transformers' pairs row {@code j} with row
 * {@code j + R/2}, so llama.cpp's converter interleaves the two halves of each head
 * (convert_hf_to_gguf.py, LlamaModel.permute); this undoes it.
 */
final class UnpermutedTensors implements TensorSource {
  private final TensorSource file;
  private final Set<String> names;
  private final Map<String, Integer> headsByName;

  /**
   * @param file is closed with this
   * @param names those of its tensors that are shown
   * @param headsByName heads of each matrix whose rows are interleaved
   */
  UnpermutedTensors(TensorSource file, Set<String> names, Map<String, Integer> headsByName) {
    this.file = file;
    this.names = Set.copyOf(names);
    this.headsByName = Map.copyOf(headsByName);
  }

  /** The row of the file that is row {@code row} of the model; {@code headRows} R of one head. */
  static long fileRow(long row, long headRows) {
    long head = row / headRows;
    long within = row % headRows;
    long half = within / (headRows / 2);
    long pair = within % (headRows / 2);
    return head * headRows + 2 * pair + half;
  }

  @Override
  public void read(String name, long first, FloatBuffer into) {
    Integer heads = headsByName.get(name);
    if (heads == null) {
      file.read(name, first, into);
      return;
    }
    List<Long> shape = file.shape(name);
    long columns = shape.get(1);
    long headRows = shape.get(0) / heads;
    long at = first;
    int limit = into.limit();
    while (into.position() < limit) {
      long row = at / columns;
      long column = at % columns;
      int count = (int) Math.min(columns - column, limit - into.position());
      into.limit(into.position() + count);
      file.read(name, fileRow(row, headRows) * columns + column, into);
      into.limit(limit);
      at += count;
    }
  }

  @Override
  public Set<String> names() {
    return names;
  }

  @Override
  public List<Long> shape(String name) {
    return file.shape(name);
  }

  @Override
  public Dtype dtype(String name) {
    return file.dtype(name);
  }

  @Override
  public void close() {
    file.close();
  }
}
