package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
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
import java.util.Map;
import java.util.Random;
import java.util.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraModelTest {
  private static final LoraConfig LORA = LoraConfig.plain(4, 8, LoraConfig.ALL_LINEAR);

  @TempDir private Path folder;

  static PackedRow row(long seed, int... lengths) {
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
  static double accumulate(TrainableModel model, PackedRow row, double scale) {
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
        double length = Math.sqrt(Slopes.dot(slope, slope));
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
          assertThat(Slopes.dot(slope, slope)).as(parameter.name()).isPositive();
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

  private static LoraConfig with(
      double dropout, boolean dora, LoraConfig.Bias bias, List<String> saved) {
    return new LoraConfig(
        4, 8, dropout, LoraConfig.ALL_LINEAR, Map.of(), Map.of(), false, dora, bias, saved);
  }

  @Test
  void dropoutIsAFunctionOfTheKeyAndOnlyTrainingHasIt() {
    ModelFolder folder = TinyModel.write(this.folder, 7);
    PackedRow row = row(7, 40, 20);
    LoraConfig lora = with(0.3, false, LoraConfig.Bias.NONE, List.of());
    for (boolean checkpointing : new boolean[] {false, true}) {
      try (TrainableModel model =
          TrainableModel.load(folder, lora, new Tuning(0, checkpointing, false, Hardware.CPU, 0))) {
        Slopes.perturb(model, 7);
        double[] plain = model.nats(row);
        assertThat(nats(model, row, 1)).isEqualTo(nats(model, row, 1)).isNotEqualTo(plain);
        assertThat(nats(model, row, 1)).isNotEqualTo(nats(model, row, 2));
        assertThat(model.nats(row)).isEqualTo(plain);
        // What is kept is scaled up, so that the mean over masks is near what evaluation sees.
        double mean = 0;
        for (int key = 0; key < 200; key++) {
          mean += Arrays.stream(nats(model, row, key)).sum() / 200;
        }
        double expected = Arrays.stream(plain).sum();
        assertThat(mean).isCloseTo(expected, within(0.05 * expected));
      }
    }
  }

  private static double[] nats(TrainableModel model, PackedRow row, long key) {
    try (Pass pass = model.forward(row, key)) {
      return pass.nats();
    }
  }

  @Test
  void gradientsAreSlopesWithDropoutNoiseAndModulesTrainedAsAWhole() {
    ModelFolder folder = TinyModel.write(this.folder, 8, false);
    PackedRow row = row(8, 12, 20);
    LoraConfig lora = with(0.2, false, LoraConfig.Bias.NONE, List.of("lm_head", "embed_tokens"));
    for (boolean checkpointing : new boolean[] {false, true}) {
      try (TrainableModel model =
          TrainableModel.load(folder, lora, new Tuning(0, checkpointing, false, Hardware.CPU, 5))) {
        assertThat(model.parameters())
            .extracting(Parameter::name)
            .contains(
                "base_model.model.lm_head.weight", "base_model.model.model.embed_tokens.weight");
        double[] base = model.baseNats(row);
        Slopes.assertTrue(model, row, "dropout, noise");
        assertThat(model.baseNats(row)).isEqualTo(base);
      }
    }
    LoraConfig dora = with(0.2, true, LoraConfig.Bias.NONE, List.of());
    try (TrainableModel model = TrainableModel.load(folder, dora, Tuning.plain(0))) {
      Slopes.assertTrue(model, row, "dora with dropout");
    }
  }

  @Test
  void theSideOfATiedModelThatIsTrainedIsACopy() {
    ModelFolder folder = TinyModel.write(this.folder, 8);
    LoraConfig lora = with(0, false, LoraConfig.Bias.NONE, List.of("lm_head"));
    PackedRow row = row(8, 12);
    try (TrainableModel model = TrainableModel.load(folder, lora, Tuning.plain(0))) {
      double[] base = model.baseNats(row);
      Slopes.assertTrue(model, row, "tied");
      assertThat(model.baseNats(row)).isEqualTo(base);
    }
  }

  @Test
  void checkpointingChangesNothingButMemory() {
    ModelFolder folder = TinyModel.write(this.folder, 9);
    PackedRow row = row(9, 50, 3, 17);
    LoraConfig lora = with(0.1, true, LoraConfig.Bias.NONE, List.of());
    try (TrainableModel kept =
            TrainableModel.load(folder, lora, new Tuning(0, false, false, Hardware.CPU, 3));
        TrainableModel anew =
            TrainableModel.load(folder, lora, new Tuning(0, true, false, Hardware.CPU, 3))) {
      for (TrainableModel model : List.of(kept, anew)) {
        Slopes.perturb(model, 9);
        accumulate(model, row, 0.5);
      }
      for (int i = 0; i < kept.parameters().size(); i++) {
        assertThat(gradient(anew.parameters().get(i)))
            .as(kept.parameters().get(i).name())
            .isEqualTo(gradient(kept.parameters().get(i)));
      }
    }
  }

  /** Documents in one row, or each in its own: the same losses and gradients. */
  @Test
  void packedIsUnpacked() {
    ModelFolder folder = TinyModel.write(this.folder, 10);
    PackedRow row = row(10, 30, 8, 21);
    try (TrainableModel together = TrainableModel.load(folder, LORA, Tuning.plain(0));
        TrainableModel apart = TrainableModel.load(folder, LORA, Tuning.plain(0))) {
      Slopes.perturb(together, 10);
      Slopes.perturb(apart, 10);
      double loss = accumulate(together, row, 1);
      double sum = 0;
      int start = 0;
      for (int length : row.lengths()) {
        sum +=
            accumulate(
                apart,
                new PackedRow(
                    Arrays.copyOfRange(row.tokens(), start, start + length),
                    Arrays.copyOfRange(row.labels(), start, start + length),
                    new int[] {length}),
                1);
        start += length;
      }
      assertThat(sum).isCloseTo(loss, within(1e-5 * loss));
      for (int i = 0; i < together.parameters().size(); i++) {
        assertClose(together.parameters().get(i), apart.parameters().get(i));
      }
    }
  }

  private static void assertClose(Parameter one, Parameter other) {
    float[] a = gradient(one);
    float[] b = gradient(other);
    double size = Math.sqrt(Slopes.dot(a, a) / a.length);
    for (int i = 0; i < a.length; i++) {
      assertThat((double) a[i]).as(one.name()).isCloseTo(b[i], within(1e-4 * size));
    }
  }

  @Test
  void theBaseOfARunThatGoesOnIsTheAdapterItBeganWith() {
    ModelFolder folder = TinyModel.write(this.folder, 11);
    PackedRow row = row(11, 20);
    LoraConfig lora = with(0, false, LoraConfig.Bias.NONE, List.of("lm_head", "embed_tokens"));
    try (TrainableModel model = TrainableModel.load(folder, lora, Tuning.plain(0))) {
      double[] plain = model.baseNats(row);
      Slopes.perturb(model, 11);
      double[] adapted = model.nats(row);
      assertThat(model.baseNats(row)).isEqualTo(plain).isNotEqualTo(adapted);
      model.takeAsBase();
      Slopes.perturb(model, 12);
      assertThat(model.baseNats(row)).isEqualTo(adapted).isNotEqualTo(model.nats(row));
    }
  }

  @Test
  void savedValuesThatDoNotFitAreAllNamed() {
    ModelFolder folder = TinyModel.write(this.folder, 12);
    LoraConfig lora = LoraConfig.plain(2, 2, List.of("q_proj"));
    try (TrainableModel model = TrainableModel.load(folder, lora, Tuning.plain(0))) {
      String module = "base_model.model.model.layers.0.self_attn.q_proj";
      List<FloatTensor> saved =
          List.of(
              new FloatTensor(module + ".lora_A.weight", List.of(1L, 16L), new float[16]),
              new FloatTensor("base_model.model.other.lora_A.weight", List.of(1L), new float[1]));
      assertThatThrownBy(() -> model.setAll(saved, "some/adapter"))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("some/adapter: 5 tensors do not fit")
          .hasMessageContaining(module + ".lora_A.weight is [1, 16], expected [2, 16]")
          .hasMessageContaining(module + ".lora_B.weight is missing");
    }
  }

  /** The fused operation and the formula as it stands are two ways to the same gradients. */
  @Test
  void attentionInOneOperationIsThatOfTheFormula() {
    ModelFolder folder = TinyModel.write(this.folder, 13);
    PackedRow row = row(13, 30, 1, 21);
    try (TrainableModel fused = LoraModel.load(folder, LORA, Tuning.plain(0));
        TrainableModel plain =
            LoraModel.load(folder, LORA, Tuning.plain(0), DecoderProgram.Attention.PLAIN)) {
      for (TrainableModel model : List.of(fused, plain)) {
        Slopes.perturb(model, 13);
        accumulate(model, row, 1);
      }
      for (int i = 0; i < fused.parameters().size(); i++) {
        assertClose(plain.parameters().get(i), fused.parameters().get(i));
      }
    }
  }

  /** As a GPU would: frozen weights and activations in bfloat16, the rest in float32. */
  @Test
  void bfloat16IsNearFloat32() {
    ModelFolder folder = TinyModel.write(this.folder, 14);
    PackedRow row = row(14, 40, 21);
    LoraConfig lora = with(0, false, LoraConfig.Bias.NONE, List.of("lm_head"));
    for (DecoderProgram.Attention attention :
        List.of(DecoderProgram.Attention.FLASH_CPU, DecoderProgram.Attention.PLAIN)) {
      try (TrainableModel wide = LoraModel.load(folder, lora, Tuning.plain(0));
          TrainableModel narrow =
              LoraModel.load(folder, lora, new Tuning(0, true, true, Hardware.CPU, 0), attention)) {
        double[] losses = new double[2];
        for (TrainableModel model : List.of(wide, narrow)) {
          Slopes.perturb(model, 14);
          losses[model == wide ? 0 : 1] = accumulate(model, row, 1);
        }
        assertThat(losses[1]).isCloseTo(losses[0], within(0.02 * losses[0]));
        for (int i = 0; i < wide.parameters().size(); i++) {
          float[] a = gradient(wide.parameters().get(i));
          float[] b = gradient(narrow.parameters().get(i));
          assertThat(Slopes.cosine(a, b)).as(wide.parameters().get(i).name()).isGreaterThan(0.98);
        }
      }
    }
  }

  /** The operations for CUDA have no kernel here; that they are called rightly shows in loading. */
  @Test
  void theProgramForCudaIsAccepted() {
    ModelFolder folder = TinyModel.write(this.folder, 15);
    try (TrainableModel model =
        LoraModel.load(
            folder,
            LORA,
            new Tuning(0, false, true, Hardware.CPU, 0),
            DecoderProgram.Attention.FLASH_CUDA)) {
      assertThatThrownBy(() -> model.nats(row(15, 20))).hasMessageContaining("flash_attention");
    }
  }
}
