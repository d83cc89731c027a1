package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/**
 * Tensors with the rows of some matrices in another order. llama.cpp's rotary embedding pairs
 * neighbouring rows of a head, transformers' pairs row {@code j} with row {@code j + R/2}, so
 * llama.cpp's converter interleaves the two halves of each head (conversion/llama.py,
 * LlamaModel.permute).
 */
final class ReorderedTensors extends TensorView {
  /** The order that is shown; the source has the other one. */
  enum Order {
    /** transformers'. */
    HALVES {
      @Override
      long sourceRow(long row, long headRows) {
        long within = row % headRows;
        long half = within / (headRows / 2);
        long pair = within % (headRows / 2);
        return row - within + 2 * pair + half;
      }
    },
    /** llama.cpp's. */
    NEIGHBOURS {
      @Override
      long sourceRow(long row, long headRows) {
        long within = row % headRows;
        return row - within + within % 2 * (headRows / 2) + within / 2;
      }
    };

    /**
     * The row of the source that is row {@code row} here.
     *
     * @param headRows R of one head, even
     */
    abstract long sourceRow(long row, long headRows);
  }

  private final Order order;
  private final Map<String, Integer> headsByName;

  /**
   * @param source is closed with this
   * @param sourceByName see {@link TensorView}
   * @param headsByName heads of each matrix whose rows are reordered
   */
  ReorderedTensors(
      TensorSource source,
      Map<String, String> sourceByName,
      Order order,
      Map<String, Integer> headsByName) {
    super(source, sourceByName);
    this.order = order;
    this.headsByName = Map.copyOf(headsByName);
  }

  @Override
  public void read(String name, long first, FloatBuffer into) {
    Integer heads = headsByName.get(name);
    if (heads == null) {
      super.read(name, first, into);
      return;
    }
    List<Long> shape = shape(name);
    long columns = shape.get(1);
    long headRows = shape.get(0) / heads;
    long at = first;
    int limit = into.limit();
    while (into.position() < limit) {
      long row = at / columns;
      long column = at % columns;
      int count = (int) Math.min(columns - column, limit - into.position());
      into.limit(into.position() + count);
      super.read(name, order.sourceRow(row, headRows) * columns + column, into);
      into.limit(limit);
      at += count;
    }
  }
}
