package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeTest {
  @TempDir private Path folder;

  private static FloatTensor random(String name, long seed, long... shape) {
    var random = new Random(seed);
    var values = new float[(int) (shape[0] * shape[1])];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.4 * random.nextGaussian());
    }
    return new FloatTensor(name, List.of(shape[0], shape[1]), values);
  }

  private AdapterFolder adapter(long in) {
    return adapter(in, 1);
  }

  private AdapterFolder adapter(long in, int block) {
    String module = "base_model.model.model.layers." + block + ".mlp.up_proj";
    var config =
        new AdapterFolder.Config("tiny", LoraConfig.plain(3, 6, List.of("up_proj")), List.of());
    AdapterFolder.write(
        folder.resolve("adapter"),
        config,
        Map.of(),
        List.of(
            random(module + ".lora_A.weight", 1, 3, in),
            random(module + ".lora_B.weight", 2, TinyModel.INTERMEDIATE, 3)));
    return AdapterFolder.open(folder.resolve("adapter"));
  }

  @Test
  void mergedFolderAndLoadedAdapterAreTheSameModelAndNotTheBase() {
    ModelFolder base = TinyModel.write(folder.resolve("base"), 1);
    AdapterFolder adapter = adapter(TinyModel.HIDDEN);
    int code =
        Commands.run(
            new EngineMain(),
            "merge",
            "--model",
            base.path().toString(),
            "--adapter",
            adapter.path().toString(),
            "--out",
            folder.resolve("merged").toString());
    assertThat(code).isZero();
    ModelFolder merged = ModelFolder.open(folder.resolve("merged"));
    assertThat(merged.manifest()).isPresent();
    var request = new ScoreRequest(new int[] {1, 2, 3}, new int[] {4, 5, 6, 7});
    try (LoadedModel one = LoadedModel.open(base, Optional.of(adapter));
        LoadedModel two = LoadedModel.open(merged, Optional.empty());
        LoadedModel plain = LoadedModel.open(base, Optional.empty())) {
      double adapted = one.score(List.of(request), done -> {}).get(0).sum();
      assertThat(two.score(List.of(request), done -> {}).get(0).sum())
          .isCloseTo(adapted, within(1e-4));
      assertThat(plain.score(List.of(request), done -> {}).get(0).sum())
          .isNotCloseTo(adapted, within(1e-2));
    }
  }

  @Test
  void anAdapterIsChangedOnALoadedModelWithoutATrace() {
    ModelFolder base = TinyModel.write(folder.resolve("base"), 1);
    AdapterFolder adapter = adapter(TinyModel.HIDDEN);
    var requests = List.of(new ScoreRequest(new int[] {1, 2, 3}, new int[] {4, 5, 6, 7}));
    float[] plain;
    float[] adapted;
    try (LoadedModel model = LoadedModel.open(base, Optional.empty())) {
      plain = model.score(requests, done -> {}).get(0).logProbs();
    }
    try (LoadedModel model = LoadedModel.open(base, Optional.of(adapter))) {
      adapted = model.score(requests, done -> {}).get(0).logProbs();
    }
    try (LoadedModel model = LoadedModel.open(base, Optional.empty())) {
      for (int i = 0; i < 2; i++) {
        model.use(Optional.of(adapter));
        assertThat(model.score(requests, done -> {}).get(0).logProbs()).isEqualTo(adapted);
        model.use(Optional.empty());
        assertThat(model.score(requests, done -> {}).get(0).logProbs()).isEqualTo(plain);
      }
    }
  }

  @Test
  void aTrainedModelAndItsAdapterInEvaluationAgree() {
    ModelFolder base = TinyModel.write(folder.resolve("base"), 1);
    AdapterFolder adapter = adapter(TinyModel.HIDDEN);
    int[] tokens = {1, 2, 3, 4, 5, 6, 7};
    var lora = LoraConfig.plain(3, 6, List.of("up_proj"));
    try (TrainableModel trained = TrainableModel.load(base, lora, 0);
        LoadedModel evaluated = LoadedModel.open(base, Optional.of(adapter))) {
      String module = "base_model.model.model.layers.1.mlp.up_proj";
      for (var parameter : trained.parameters()) {
        if (parameter.name().equals(module + ".lora_A.weight")) {
          parameter.value().set(random("", 1, 3, TinyModel.HIDDEN).values());
        }
        if (parameter.name().equals(module + ".lora_B.weight")) {
          parameter.value().set(random("", 2, TinyModel.INTERMEDIATE, 3).values());
        }
      }
      double loss = trained.loss(new PackedRow(tokens, tokens, new int[] {7}));
      var request = new ScoreRequest(new int[] {1}, new int[] {2, 3, 4, 5, 6, 7});
      assertThat(-evaluated.score(List.of(request), done -> {}).get(0).sum())
          .isCloseTo(loss, within(1e-4));
    }
  }

  @Test
  void anAdapterOfAnotherModelIsRefusedByName() {
    ModelFolder base = TinyModel.write(folder.resolve("base"), 1);
    AdapterFolder adapter = adapter(TinyModel.HIDDEN + 2);
    assertThatThrownBy(() -> LoadedModel.open(base, Optional.of(adapter)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("layers.1.mlp.up_proj.lora_A.weight is [3, 18], expected [3, 16]");
  }

  @Test
  void anAdapterOfALongerModelIsRefusedAndTheBaseGoesOn() {
    ModelFolder base = TinyModel.write(folder.resolve("base"), 1);
    AdapterFolder adapter = adapter(TinyModel.HIDDEN, 7);
    var requests = List.of(new ScoreRequest(new int[] {1, 2, 3}, new int[] {4, 5, 6, 7}));
    try (LoadedModel model = LoadedModel.open(base, Optional.empty())) {
      float[] plain = model.score(requests, done -> {}).get(0).logProbs();
      assertThatThrownBy(() -> model.use(Optional.of(adapter)))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("adapts a module that the model does not have");
      assertThat(model.score(requests, done -> {}).get(0).logProbs()).isEqualTo(plain);
    }
  }
}
