package dev.whetstone.datasets.quality.dl4j;

import dev.whetstone.datasets.quality.Weights;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Weights as Deeplearning4j holds them: one row of numbers, layer after layer, each weight before
 * its bias; matrices column-major, but for the {@link EmbeddingBag}'s.
 */
final class Parameters {
  private Parameters() {}

  /** [1, all]. The caller closes it. */
  static INDArray of(Weights weights) {
    int e = weights.dimension();
    int h = weights.width();
    FloatBuffer all = FloatBuffer.allocate(count(weights.buckets(), e, h));
    all.put(weights.embedding())
        .put(transposed(weights.hidden(), e, h))
        .put(weights.hiddenBias())
        .put(weights.output())
        .put(weights.outputBias());
    return Nd4j.create(all.array(), new long[] {1, all.capacity()}, 'c');
  }

  /** What {@link #of} was made of; copies. */
  static Weights weights(INDArray parameters, int buckets, int e, int h) {
    float[] values = new float[count(buckets, e, h)];
    parameters.data().asNioFloat().get(0, values);
    FloatBuffer all = FloatBuffer.wrap(values);
    return new Weights(
        take(all, buckets * e),
        transposed(take(all, e * h), h, e),
        take(all, h),
        take(all, h),
        all.get());
  }

  private static int count(int buckets, int e, int h) {
    return Math.addExact(Math.multiplyExact(buckets, e), (e + 2) * h + 1);
  }

  private static float[] take(FloatBuffer from, int n) {
    float[] values = new float[n];
    from.get(values);
    return values;
  }

  /** [rows, columns] to [columns, rows], both row-major. */
  private static float[] transposed(float[] matrix, int rows, int columns) {
    float[] turned = new float[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = matrix[row * columns + column];
      }
    }
    return turned;
  }
}
