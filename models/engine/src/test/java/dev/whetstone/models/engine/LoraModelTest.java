package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Parameter;
import dev.whetstone.models.engine.TrainableModel.Pass;
import dev.whetstone.models.engine.TrainableModel.Tuning;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraModelTest {
  private static final LoraConfig LORA = LoraConfig.plain(4, 8, LoraConfig.ALL_LINEAR);

  @TempDir private Path folder;

  private static PackedRow row(long seed, int... lengths) {
    var random = new Random(seed);
    int total = Arrays.stream(lengths).sum();
    int[] tokens = random.ints(total, 0, TinyTokenizer.vocabularySize()).toArray();
    int[] labels = Arrays.stream(tokens).map(t -> random.nextInt(3) == 0 ? -100 : t).toArray();
    return new PackedRow(tokens, labels, lengths);
  }

  private static void perturb(TrainableModel model, long seed) {
    var random = new Random(seed);
    for (Parameter parameter : model.parameters()) {
      float[] values = parameter.value().toFloatArray();
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.3 * random.nextGaussian());
      }
      parameter.value().set(values);
    }
  }

  private static float[] gradient(Parameter parameter) {
    return parameter.gradient().toFloatArray();
  }

  private static double loss(TrainableModel model, PackedRow row) {
    return Arrays.stream(model.nats(row)).sum();
  }

  /** Adds to the gradients those of {@code scale} times the summed loss, and returns the loss. */
  private static double accumulate(TrainableModel model, PackedRow row, double scale) {
    try (Pass pass = model.forward(row, 0)) {
      double[] weights = new double[row.targets().length];
      Arrays.fill(weights, scale);
      return Arrays.stream(pass.backward(weights)).sum();
    }
  }

  @Test
  void freshLoraChangesNothingAndDocumentsDoNotSeeEachOther() {
    ModelFolder folder = TinyModel.write(this.folder, 3);
    var naive = new NaiveDecoder(folder);
    PackedRow row = row(3, 9, 1, 30, 2);
    double expected = 0;
    int start = 0;
    for (int length : row.lengths()) {
      double[][] after = naive.logProbs(Arrays.copyOfRange(row.tokens(), start, start + length));
      for (int i = 1; i < length; i++) {
        int label = row.labels()[start + i];
        expected -= label == -100 ? 0 : after[i - 1][label];
      }
      start += length;
    }
    try (TrainableModel model = TrainableModel.load(folder, LORA, Tuning.plain(0))) {
      assertThat(loss(model, row)).isCloseTo(expected, within(1e-3));
      assertThat(accumulate(model, row, 0.5)).isCloseTo(expected, within(1e-3));
    }
  }

  @Test
  void gradientsAreTheSlopesOfTheLoss() {
    ModelFolder folder = TinyModel.write(this.folder, 4);
    PackedRow row = row(4, 12, 20);
    double scale = 0.25;
    try (TrainableModel model = TrainableModel.load(folder, LORA, Tuning.plain(0))) {
      perturb(model, 4);
      model.zeroGradients();
      accumulate(model, row, scale);
      accumulate(model, row, scale); // gradients add up
      for (int p = 0; p < model.parameters().size(); p += 5) {
        Parameter parameter = model.parameters().get(p);
        float[] slope = gradient(parameter);
        float[] values = parameter.value().toFloatArray();
        // Along its own direction the loss must rise by the gradient's length.
        double length = Math.sqrt(dot(slope, slope));
        double h = 2e-3;
        double rise =
            (lossAt(model, row, parameter, values, slope, h / length)
                    - lossAt(model, row, parameter, values, slope, -h / length))
                / (2 * h);
        assertThat(2 * scale * rise).as(parameter.name()).isCloseTo(length, within(0.02 * length));
        parameter.value().set(values);
      }
      model.zeroGradients();
      assertThat(gradient(model.parameters().get(0))).containsOnly(0);
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static double lossAt(
      TrainableModel model,
      PackedRow row,
      Parameter parameter,
      float[] values,
      float[] direction,
      double step) {
    var moved = new float[values.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = (float) (values[i] + step * direction[i]);
    }
    parameter.value().set(moved);
    return loss(model, row);
  }

  @Test
  void inTheFirstStepOnlyBMoves() {
    try (TrainableModel model =
        TrainableModel.load(TinyModel.write(folder, 5), LORA, Tuning.plain(1))) {
      accumulate(model, row(5, 20), 1);
      for (Parameter parameter : model.parameters()) {
        float[] slope = gradient(parameter);
        if (parameter.name().contains("lora_A")) {
          assertThat(slope).as(parameter.name()).containsOnly(0);
        } else {
          assertThat(dot(slope, slope)).as(parameter.name()).isPositive();
        }
      }
    }
  }

  @Test
  void sameSeedGivesTheSameWeightsWithinTheBoundOfPeft() {
    ModelFolder model = TinyModel.write(folder, 5);
    try (TrainableModel one = TrainableModel.load(model, LORA, Tuning.plain(7));
        TrainableModel two = TrainableModel.load(model, LORA, Tuning.plain(7));
        TrainableModel other = TrainableModel.load(model, LORA, Tuning.plain(8))) {
      Parameter first = one.parameters().get(0);
      float[] a = first.value().toFloatArray();
      assertThat(a).isEqualTo(two.parameters().get(0).value().toFloatArray());
      assertThat(a).isNotEqualTo(other.parameters().get(0).value().toFloatArray());
      double bound = 1 / Math.sqrt(TinyModel.HIDDEN);
      for (float value : a) {
        assertThat(Math.abs(value)).isLessThanOrEqualTo((float) bound);
      }
    }
  }

  @Test
  void onlyTheTargetsAreTrained() {
    var lora = LoraConfig.plain(2, 2, List.of("q_proj", "down_proj"));
    try (TrainableModel model =
        TrainableModel.load(TinyModel.write(folder, 5), lora, Tuning.plain(1))) {
      assertThat(model.parameters())
          .extracting(Parameter::name)
          .hasSize(2 * 2 * TinyModel.LAYERS)
          .contains("base_model.model.model.layers.1.mlp.down_proj.lora_B.weight");
      accumulate(model, row(5, 20), 1);
    }
  }

  private static long residentBytes() throws IOException {
    var pages = new Scanner(Files.readString(Path.of("/proc/self/statm")));
    pages.nextLong(); // all of the address space
    return pages.nextLong() * 4096;
  }

  @Test
  void stepsLeaveNoNativeMemoryBehind() throws IOException {
    PackedRow row = row(6, 200, 50);
    try (TrainableModel model =
        TrainableModel.load(TinyModel.write(folder, 6), LORA, Tuning.plain(1))) {
      for (int i = 0; i < 20; i++) {
        accumulate(model, row, 1);
      }
      long before = residentBytes();
      for (int i = 0; i < 100; i++) {
        accumulate(model, row, 1);
      }
      // One step's hidden states, logits and saved tensors are above 1 MB.
      assertThat(residentBytes() - before).isLessThan(64L << 20);
    }
  }
}
