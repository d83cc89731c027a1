package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.testing.CommandOutcome;
import dev.whetstone.models.engine.Equivalence.Difference;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EquivalenceTest {
  @TempDir private Path folder;

  private static final List<int[]> PROBES =
      List.of(new int[] {1, 2, 3, 40, 50, 60}, new int[] {9, 8, 7}, new int[] {200, 5});

  private ModelFolder model() {
    return TinyModel.write(folder.resolve("model"), 1);
  }

  private AdapterFolder adapter(int width) {
    return TinyModel.writeAdapter(folder.resolve("adapter"), 2, width, List.of());
  }

  @Test
  void mergingIsTheSameAndRoundingIsNear() {
    Equivalence equivalence = Equivalence.measure(model(), adapter(TinyModel.HIDDEN), PROBES, 4);
    Difference merged = equivalence.merged();
    Difference rounded = equivalence.bfloat16();
    assertThat(merged.positions()).isEqualTo(5 + 2 + 1);
    assertThat(merged.maxNats()).isLessThan(1e-4);
    assertThat(merged.greedyAgreement()).isEqualTo(1);
    assertThat(merged.sameContinuations()).isEqualTo(3);
    assertThat(rounded.meanNats()).isBetween(1e-4, 0.1);
    assertThat(rounded.maxNats()).isGreaterThan(rounded.meanNats());
    assertThat(merged.toString()).contains("8 of 8 next tokens and 3 of 3 answers of 4 tokens");
  }

  /** By the way around: the folder that export writes, loaded and scored. */
  @Test
  void theRoundedFormIsTheExportedFolder() {
    ModelFolder model = model();
    AdapterFolder adapter = adapter(TinyModel.HIDDEN);
    Path merged = folder.resolve("merged");
    Path half = folder.resolve("half");
    var main = new EngineMain();
    assertThat(
            List.of(
                Commands.run(
                    main,
                    "merge",
                    "--model=" + model.path(),
                    "--adapter=" + adapter.path(),
                    "--out=" + merged),
                Commands.run(
                    main, "export", merged.toString(), "--to=safetensors-bf16", "--out=" + half)))
        .containsOnly(0);
    double max = 0;
    try (LoadedModel one = LoadedModel.open(model, Optional.of(adapter));
        LoadedModel two = LoadedModel.open(ModelFolder.open(half), Optional.empty())) {
      for (int[] probe : PROBES) {
        var request =
            new ScoreRequest(Arrays.copyOf(probe, 1), Arrays.copyOfRange(probe, 1, probe.length));
        float[] applied = one.score(List.of(request), done -> {}).get(0).logProbs();
        float[] rounded = two.score(List.of(request), done -> {}).get(0).logProbs();
        for (int i = 0; i < applied.length; i++) {
          max = Math.max(max, Math.abs(applied[i] - rounded[i]));
        }
      }
    }
    assertThat(Equivalence.measure(model, adapter, PROBES, 1).bfloat16().maxNats())
        .isCloseTo(max, within(1e-5));
  }

  @Test
  void mergeTellsIt() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "the one on the other ".repeat(30));
    CommandOutcome outcome =
        CommandOutcome.of(
            new EngineMain(),
            "merge",
            "--model",
            model().path(),
            "--adapter",
            adapter(TinyModel.HIDDEN).path(),
            "--out",
            folder.resolve("merged"),
            "--verify",
            text);
    assertThat(outcome.output()).isEqualTo(folder.resolve("merged") + "\n");
    assertThat(outcome.errors().lines())
        .anyMatch(line -> line.matches("merged    log-prob.* at most, .* answers of 16 tokens.*"))
        .anyMatch(line -> line.startsWith("bfloat16  log-prob"));
  }

  @Test
  void anAdapterThatDoesNotFitAndProbesOfNoLengthAreRefused() {
    ModelFolder model = model();
    AdapterFolder fitting = adapter(TinyModel.HIDDEN);
    for (List<int[]> probes :
        List.of(List.<int[]>of(), List.of(new int[1]), List.of(new int[300]))) {
      assertThatThrownBy(() -> Equivalence.measure(model, fitting, probes, 1))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("probe");
    }
    AdapterFolder other = adapter(TinyModel.HIDDEN + 1);
    assertThatThrownBy(() -> Equivalence.measure(model, other, PROBES, 1))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("do not fit");
  }
}
