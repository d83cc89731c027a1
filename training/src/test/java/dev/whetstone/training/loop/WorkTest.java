package dev.whetstone.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder.LabelledRow;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenPair;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenRow;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Parameter;
import dev.whetstone.models.engine.TrainableModel.Tuning;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.training.objective.Objective;
import dev.whetstone.training.objective.Objective.Kind;
import dev.whetstone.training.plan.TrainingRows;
import dev.whetstone.training.plan.TrainingRows.TrainingPack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkTest {
  private static final LoraConfig LORA = LoraConfig.plain(3, 6, List.of("q_proj", "down_proj"));
  private static final double SUPERVISED_HALF = 0.5;

  @TempDir private Path folder;

  private TrainableModel model(double dropout) {
    var lora =
        new LoraConfig(
            3,
            6,
            dropout,
            LORA.targets(),
            LORA.rankPattern(),
            LORA.alphaPattern(),
            false,
            false,
            LoraConfig.Bias.NONE,
            List.of());
    TrainableModel model = TrainableModel.load(TinyModel.write(folder, 1), lora, Tuning.plain(1));
    var random = new Random(2);
    for (int i = 0; i < model.parameters().size(); i++) {
      float[] values = model.parameters().get(i).value().toFloatArray();
      for (int j = 0; j < values.length; j++) {
        values[j] += (float) (0.2 * random.nextGaussian());
      }
      model.set(i, values);
    }
    return model;
  }

  private static TokenRow row(Random random) {
    int[] tokens = random.ints(6 + random.nextInt(10), 0, 40).toArray();
    int[] labels = tokens.clone();
    Arrays.fill(labels, 0, tokens.length / 2, DatasetFolder.IGNORED);
    return new TokenRow(0, "row", tokens, labels, Optional.empty());
  }

  private static Work packs(int count, int atOnce) {
    var random = new Random(3);
    var packs = new ArrayList<TrainingPack>();
    for (int i = 0; i < count; i++) {
      TokenRow one = row(random);
      TokenRow two = row(random);
      int[] lengths = {one.inputIds().length, two.inputIds().length};
      var packed =
          new PackedRow(
              joined(one.inputIds(), two.inputIds()), joined(one.labels(), two.labels()), lengths);
      double[] weights = random.doubles(packed.targets().length, SUPERVISED_HALF, 1.5).toArray();
      packs.add(new TrainingPack(packed, weights, List.of("a", "b")));
    }
    return new PackWork(new TrainingRows(packs, 64), atOnce);
  }

  private static int[] joined(int[] one, int[] two) {
    return IntStream.concat(Arrays.stream(one), Arrays.stream(two)).toArray();
  }

  private static Work work(Kind kind) {
    var objective = new Objective(kind, kind == Kind.KTO ? 0.5 : null, null, null, null, null);
    var random = new Random(4);
    if (kind == Kind.SFT) {
      return packs(5, 1);
    }
    if (kind == Kind.KTO) {
      List<LabelledRow> rows = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        rows.add(new LabelledRow(row(random), i % 2 == 0));
      }
      return new LabelledWork(rows, objective, 40);
    }
    List<TokenPair> pairs = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      pairs.add(new TokenPair(i, row(random), row(random)));
    }
    return new PairWork(pairs, objective, 40);
  }

  private static List<Integer> all(Work work) {
    return IntStream.range(0, work.examples()).boxed().toList();
  }

  /** The slow twin: the loss beside a point, in the direction of the gradient. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void gradientsAreTheSlopesOfTheLossThatIsTold(Kind kind) {
    Work work = work(kind);
    try (TrainableModel model = model(0)) {
      model.zeroGradients();
      Work.Outcome outcome = work.accumulate(model, all(work), 9);
      assertThat(work.measure(model, all(work)).lossNats())
          .isCloseTo(outcome.lossNats(), within(1e-5));
      if (kind == Kind.KTO) {
        // The divergence is taken for a constant: slopes are the loss's where it stays at 0.
        assertThat(outcome.more().get("divergence")).isZero();
      }
      double step = 2e-2;
      for (int index = 0; index < model.parameters().size(); index++) {
        Parameter parameter = model.parameters().get(index);
        float[] slope = parameter.gradient().toFloatArray();
        float[] values = parameter.value().toFloatArray();
        double length = Math.sqrt(dot(slope, slope));
        double near = rise(work, model, index, values, slope, step / length) / (2 * step);
        double wide = rise(work, model, index, values, slope, 2 * step / length) / (4 * step);
        assertThat((4 * near - wide) / 3)
            .as(parameter.name())
            .isCloseTo(length, within(0.01 * length + 5e-5));
        model.set(index, values);
      }
    }
  }

  private static double rise(
      Work work, TrainableModel model, int index, float[] values, float[] slope, double by) {
    double[] losses = new double[2];
    for (int side = 0; side < 2; side++) {
      float[] moved = values.clone();
      for (int i = 0; i < moved.length; i++) {
        moved[i] += (float) ((side == 0 ? by : -by) * slope[i]);
      }
      model.set(index, moved);
      losses[side] = work.measure(model, all(work)).lossNats();
    }
    return losses[0] - losses[1];
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** 1 x 8, 2 x 4 and 8 x 1 are one step. */
  @Test
  void accumulationChangesNothingButMemory() {
    try (TrainableModel model = model(0)) {
      float[][] expected = gradients(model, packs(8, 1), all(packs(8, 1)));
      for (int atOnce : new int[] {2, 4, 8}) {
        assertSame(gradients(model, packs(8, atOnce), all(packs(8, 1))), expected, 1e-6);
      }
    }
  }

  @Test
  void theOrderWithinAStepDoesNotMatter() {
    for (Kind kind : new Kind[] {Kind.SFT, Kind.DPO, Kind.ORPO}) {
      Work work = work(kind);
      List<Integer> turned = new ArrayList<>(all(work));
      Collections.reverse(turned);
      try (TrainableModel model = model(0)) {
        assertSame(gradients(model, work, turned), gradients(model, work, all(work)), 1e-5);
      }
    }
  }

  private static float[][] gradients(TrainableModel model, Work work, List<Integer> examples) {
    model.zeroGradients();
    work.accumulate(model, examples, 5);
    return model.parameters().stream()
        .map(parameter -> parameter.gradient().toFloatArray())
        .toArray(float[][]::new);
  }

  /** Relative to the length of each parameter's gradient. */
  private static void assertSame(float[][] found, float[][] expected, double tolerance) {
    for (int p = 0; p < found.length; p++) {
      double length = Math.sqrt(dot(expected[p], expected[p]));
      for (int i = 0; i < found[p].length; i++) {
        assertThat((double) found[p][i])
            .as("parameter %d", p)
            .isCloseTo(expected[p][i], within(tolerance * length));
      }
    }
  }

  @Test
  void randomNumbersAreAFunctionOfTheKey() {
    Work work = packs(3, 1);
    try (TrainableModel model = model(0.4)) {
      double one = work.accumulate(model, all(work), 1).lossNats();
      assertThat(work.accumulate(model, all(work), 1).lossNats()).isEqualTo(one);
      assertThat(work.accumulate(model, all(work), 2).lossNats()).isNotEqualTo(one);
    }
  }
}
