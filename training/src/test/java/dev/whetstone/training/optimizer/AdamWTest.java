package dev.whetstone.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.whetstone.training.optimizer.AdamW.Trained;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdamWTest {
  private static final AdamWConfig CONFIG = new AdamWConfig(0.9, 0.95, 1e-3, 0.1);

  /**
   * Norm before clipping, then all values, after each of five steps;
   * src/test/python/make_adamw_golden.py, torch 2.15.0.
   */
  private static final double[][] GOLDEN = {
    {
      0.78421938,
      0.48953322,
      -0.98904979,
      1.98809898,
      0.23977494,
      1.50848007,
      -0.75905395,
      0.11491484
    },
    {
      0.94472218,
      0.47931176,
      -0.97817099,
      1.97627401,
      0.22961868,
      1.51689339,
      -0.76791251,
      0.10489947
    },
    {
      1.16404474,
      0.46909115,
      -0.96743017,
      1.96459198,
      0.21959779,
      1.52517366,
      -0.77678937,
      0.09502050
    },
    {
      1.41509724,
      0.45882839,
      -0.95686948,
      1.95309472,
      0.20975439,
      1.53327847,
      -0.78571862,
      0.08532004
    },
    {
      1.68374586,
      0.44851977,
      -0.94651276,
      1.94180560,
      0.20011249,
      1.54118383,
      -0.79470032,
      0.07582195
    }
  };

  @Test
  void stepsAreTorchs() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Trained a = trained(manager.create(new float[] {0.5f, -1, 2, 0.25f}, new Shape(2, 2)));
      Trained b = trained(manager.create(new float[] {1.5f, -0.75f, 0.125f}));
      try (var optimizer = new AdamW(CONFIG, List.of(a, b))) {
        for (int t = 1; t <= GOLDEN.length; t++) {
          gradient(a, 0.3f * t, -0.2f, 0.1f, 0.4f);
          gradient(b, -0.5f, 0.05f * t, 0.25f);
          double norm = optimizer.step(0.01, 0.8).norm();
          assertThat(norm).as("norm %d", t).isEqualTo(GOLDEN[t - 1][0], within(1e-6));
          for (int i = 0; i < 7; i++) {
            float found = i < 4 ? a.value().toFloatArray()[i] : b.value().toFloatArray()[i - 4];
            assertThat((double) found)
                .as("step %d, value %d", t, i)
                .isEqualTo(GOLDEN[t - 1][i + 1], within(1e-6));
          }
        }
        assertThat(optimizer.taken()).isEqualTo(GOLDEN.length);
      }
    }
  }

  /** The slow twin: plain double loops over one parameter. */
  @Test
  void stepsAreThoseOfPlainLoops() {
    for (long seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      float[] start = values(random, 6);
      double[] p = new double[6];
      double[] m = new double[6];
      double[] v = new double[6];
      for (int i = 0; i < 6; i++) {
        p[i] = start[i];
      }
      try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
        Trained parameter = trained(manager.create(start));
        try (var optimizer = new AdamW(CONFIG, List.of(parameter))) {
          for (int t = 1; t <= 8; t++) {
            float[] g = values(random, 6);
            gradient(parameter, g);
            double norm = optimizer.step(0.02, 1).norm();
            double squares = 0;
            for (float value : g) {
              squares += (double) value * value;
            }
            assertThat(norm).as("seed %d", seed).isEqualTo(Math.sqrt(squares), within(1e-5));
            double factor = Math.min(1, 1 / (Math.sqrt(squares) + 1e-6));
            for (int i = 0; i < 6; i++) {
              p[i] *= 1 - 0.02 * 0.1;
              m[i] = 0.9 * m[i] + 0.1 * factor * g[i];
              v[i] = 0.95 * v[i] + 0.05 * factor * g[i] * factor * g[i];
              p[i] -=
                  0.02
                      / (1 - Math.pow(0.9, t))
                      * m[i]
                      / (Math.sqrt(v[i]) / Math.sqrt(1 - Math.pow(0.95, t)) + 1e-3);
              assertThat((double) parameter.value().toFloatArray()[i])
                  .as("seed %d, step %d", seed, t)
                  .isEqualTo(p[i], within(1e-5));
            }
          }
        }
      }
    }
  }

  @Test
  void aGradientThatIsNotFiniteChangesNothingAndIsNamed() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Trained a = trained(manager.create(new float[] {1, 2}));
      Trained b = trained(manager.create(new float[] {3, 4}));
      try (var optimizer = new AdamW(CONFIG, List.of(a, b))) {
        gradient(a, 1, 1);
        gradient(b, 1, Float.NaN);
        assertThat(optimizer.step(0.1, 1).notFinite()).hasValue(1);
        assertThat(a.value().toFloatArray()).containsExactly(1, 2);
        assertThat(optimizer.taken()).isZero();
      }
    }
  }

  @Test
  void aRestoredOptimizerTakesTheSameStepBitForBit() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Trained one = trained(manager.create(new float[] {1, -2, 3}));
      Trained two = trained(manager.create(new float[] {1, -2, 3}));
      try (var straight = new AdamW(CONFIG, List.of(one));
          var resumed = new AdamW(CONFIG, List.of(two))) {
        gradient(one, 0.1f, 0.7f, -0.3f);
        straight.step(0.05, 1);
        two.value().set(one.value().toFloatArray());
        resumed.restore(straight.taken(), straight.firstMoments(), straight.secondMoments());
        for (Trained parameter : List.of(one, two)) {
          gradient(parameter, -0.2f, 0.5f, 0.9f);
        }
        straight.step(0.05, 1);
        resumed.step(0.05, 1);
        assertThat(two.value().toFloatArray()).isEqualTo(one.value().toFloatArray());
      }
    }
  }

  /** LoRA+: B and vectors have their own rate; biases do not decay. */
  @Test
  void theNameDecidesRateAndDecay() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray matrix = manager.zeros(new Shape(2, 2));
      NDArray vector = manager.zeros(new Shape(2));
      assertThat(Trained.of("m.lora_A.weight", matrix, matrix, 16).rate()).isEqualTo(1);
      assertThat(Trained.of("m.lora_B.weight", matrix, matrix, 16).rate()).isEqualTo(16);
      assertThat(Trained.of("m.lora_magnitude_vector", vector, vector, 16).rate()).isEqualTo(16);
      assertThat(Trained.of("m.lora_magnitude_vector", vector, vector, 16).decays()).isTrue();
      assertThat(Trained.of("m.base_layer.bias", vector, vector, 1).decays()).isFalse();
      NDArray one = manager.ones(new Shape(2, 2));
      NDArray other = manager.ones(new Shape(2, 2));
      NDArray slope = manager.ones(new Shape(2, 2));
      try (var optimizer =
          new AdamW(
              CONFIG,
              List.of(new Trained(one, slope, 1, true), new Trained(other, slope, 4, false)))) {
        optimizer.step(0.01, 0);
        // Adam's first step is the rate; CONFIG decays by a tenth of it.
        assertThat(one.toFloatArray()[0]).isEqualTo(1 - 0.01f - 0.001f, within(2e-5f));
        assertThat(other.toFloatArray()[0]).isEqualTo(1 - 0.04f, within(5e-5f));
      }
    }
  }

  private static Trained trained(NDArray array) {
    return new Trained(array, array.zerosLike(), 1, true);
  }

  private static void gradient(Trained parameter, float... values) {
    parameter.gradient().set(values);
  }

  private static float[] values(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
