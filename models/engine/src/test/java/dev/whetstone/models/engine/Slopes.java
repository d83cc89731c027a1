package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Parameter;
import dev.whetstone.models.engine.TrainableModel.Pass;
import java.util.Arrays;
import java.util.Random;

/** The slow twin of a backward pass: the loss beside a point, in the direction of a gradient. */
final class Slopes {
  private static final double SHARE = 0.005;

  /** What float32 leaves of a slope. */
  private static final double NOISE = 1e-3;

  private static final long KEY = 5;
  private static final double STEP = 4e-3;

  private Slopes() {}

  /**
   * Asserts that each gradient is the loss's slope at adapters of random values. DoRA takes the
   * length of rows for a constant, so that there only magnitudes have slopes.
   */
  static void assertTrue(TrainableModel model, PackedRow row, String what) {
    perturb(model, 11);
    double[] weights = new Random(12).doubles(row.targets().length, -1, 1).toArray();
    model.zeroGradients();
    try (Pass pass = model.forward(row, KEY)) {
      double[] nats = pass.nats();
      double[] again = pass.backward(weights);
      for (int i = 0; i < nats.length; i++) {
        assertThat(again[i]).isCloseTo(nats[i], within(1e-5));
      }
    }
    for (int index = 0; index < model.parameters().size(); index++) {
      Parameter parameter = model.parameters().get(index);
      if (model.parameters().stream().anyMatch(Slopes::isMagnitude) && !isMagnitude(parameter)) {
        continue;
      }
      float[] slope = parameter.gradient().toFloatArray();
      float[] values = parameter.value().toFloatArray();
      double length = Math.sqrt(dot(slope, slope));
      assertThat(length).as("%s: %s", what, parameter.name()).isPositive();
      double wide = rise(model, row, weights, index, values, slope, 2 * STEP);
      double near = rise(model, row, weights, index, values, slope, STEP);
      double rise = (4 * near - wide) / 3; // Richardson's extrapolation
      assertThat(rise)
          .as("%s: %s", what, parameter.name())
          .isCloseTo(length, within(SHARE * length + NOISE));
      model.set(index, values);
    }
  }

  private static boolean isMagnitude(Parameter parameter) {
    return parameter.name().endsWith("magnitude_vector");
  }

  static void perturb(TrainableModel model, long seed) {
    var random = new Random(seed);
    for (int index = 0; index < model.parameters().size(); index++) {
      float[] values = model.parameters().get(index).value().toFloatArray();
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (0.1 * random.nextGaussian());
      }
      model.set(index, values);
    }
  }

  static double cosine(float[] a, float[] b) {
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static double rise(
      TrainableModel model,
      PackedRow row,
      double[] weights,
      int index,
      float[] values,
      float[] slope,
      double step) {
    double unit = step / Math.sqrt(dot(slope, slope));
    return (lossAt(model, row, weights, index, values, slope, unit)
            - lossAt(model, row, weights, index, values, slope, -unit))
        / (2 * step);
  }

  private static double lossAt(
      TrainableModel model,
      PackedRow row,
      double[] weights,
      int index,
      float[] values,
      float[] direction,
      double step) {
    var moved = new float[values.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = (float) (values[i] + step * direction[i]);
    }
    model.set(index, moved);
    double[] nats = nats(model, row);
    return Arrays.stream(indices(nats)).mapToDouble(i -> weights[i] * nats[i]).sum();
  }

  /** As training sees the row: with the dropout and noise of one key. */
  private static double[] nats(TrainableModel model, PackedRow row) {
    try (Pass pass = model.forward(row, KEY)) {
      return pass.nats();
    }
  }

  private static int[] indices(double[] values) {
    return java.util.stream.IntStream.range(0, values.length).toArray();
  }
}
