package dev.whetstone.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.artifacts.run.RunFolder;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.Tuning;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.training.checkpoint.LinesFile;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.loop.PackWork;
import dev.whetstone.training.plan.TrainingRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraRunTest {
  @TempDir private Path world;

  @BeforeEach
  void makeWorld() throws IOException {
    TinyModel.write(world.resolve("model"), 1);
    TinyDataset.write(world.resolve("dataset"), 6, 1);
  }

  @Test
  void theLossFallsAndTheFolderHoldsWhatItPromises() throws IOException {
    assertThat(run("run", "steps: 30", StopSwitchTest.never())).isTrue();
    RunFolder folder = RunFolder.open(world.resolve("run"));
    List<StepMetrics> metrics = folder.metrics();
    assertThat(metrics).hasSize(30);
    assertThat(metrics.get(29).lossNats()).isLessThan(0.8 * metrics.get(0).lossNats());
    AdapterFolder adapter = AdapterFolder.open(folder.adapter());
    assertThat(adapter.config().lora().rank()).isEqualTo(4);
    assertThat(folder.manifest().content()).isEqualTo(adapter.content());
    assertThat(adapter.config().lineage())
        .filteredOn(ancestor -> ancestor.kind().equals("dataset"))
        .extracting(ancestor -> ancestor.facts().get("publish"))
        .containsExactly("hashes");
    assertThat(folder.manifest().counts().get("tokens").asLong())
        .isEqualTo(metrics.get(29).tokens());
    assertThat(Files.readString(world.resolve("run/report.html")))
        .contains("<svg")
        .contains("&lt;tiny&gt;")
        .doesNotContain("<tiny>");
  }

  @Test
  void equalWorkIsNotDoneTwice() throws IOException {
    run("run", "steps: 2", StopSwitchTest.never());
    String before = Files.readString(world.resolve("run/manifest.json"));
    run("run", "steps: 2", StopSwitchTest.never());
    assertThat(Files.readString(world.resolve("run/manifest.json"))).isEqualTo(before);
    assertThatThrownBy(() -> run("run", "steps: 3", StopSwitchTest.never()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--overwrite");
  }

  @Test
  void anotherWordOnPublishingIsOtherWorkSinceTheAdapterCarriesIt() throws IOException {
    run("run", "steps: 2", StopSwitchTest.never());
    Path manifest = world.resolve("dataset/manifest.json");
    String said = Files.readString(manifest).replace("\"recipe\" : {", "\"recipe\": {");
    Files.writeString(
        manifest, said.replace("\"recipe\": {", "\"recipe\": {\"publish\": \"none\", "));
    assertThatThrownBy(() -> run("run", "steps: 2", StopSwitchTest.never()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--overwrite");
  }

  @Test
  void aRunThatStopsAndGoesOnEndsBitForBitLikeOneThatDidNot() throws IOException {
    run("straight", "steps: 12", StopSwitchTest.never());
    assertThat(run("stopped", "steps: 12", StopSwitchTest.after(7))).isFalse();
    assertThat(Manifest.exists(world.resolve("stopped"))).isFalse();
    assertThat(run("stopped", "steps: 12", StopSwitchTest.never())).isTrue();
    assertSame("straight", "stopped");
  }

  /** Masks and noise are functions of the step, measurements change nothing. */
  @Test
  void soDoesARunWithDropoutNoiseAndMeasurements() throws IOException {
    TinyDataset.writeWithValidation(world.resolve("measured"), 6, 2);
    String more =
        """
        steps: 12
          dataset: %s
          lora: {rank: 4, alpha: 8, dropout: 0.2, dora: true}
          noise: 5
          checkpointing: on
          batch: {rows: 1, accumulate: 2, at_once: auto}
          evaluate: {every: 2}
          checkpoint: {every: 3, best: true}
        """
            .formatted(world.resolve("measured"));
    run("straight", more, StopSwitchTest.never());
    assertThat(run("stopped", more, StopSwitchTest.after(7))).isFalse();
    assertThat(Files.readString(world.resolve("stopped/report.html"))).contains("interrupted");
    assertThat(run("stopped", more, StopSwitchTest.never())).isTrue();
    assertSame("straight", "stopped");
    assertThat(losses("stopped")).isEqualTo(losses("straight")).hasSize(7);
    assertThat(RunFolder.open(world.resolve("straight")).manifest().counts().get("best_step"))
        .isNotNull();
    assertThat(world.resolve("straight/adapter/README.md")).exists();
    assertThat(Files.readString(world.resolve("straight/report.html")))
        .contains("merged, bfloat16");
    assertThat(world.resolve("straight/tensorboard")).isNotEmptyDirectory();
  }

  private List<Double> losses(String run) {
    return new LinesFile<>(world.resolve(run + "/evaluations.jsonl"), Evaluation.class)
        .all().stream().map(Evaluation::lossNats).toList();
  }

  @Test
  void aRunThatGetsWorseStopsEarlyAndKeepsItsBest() throws IOException {
    TinyDataset.writeWithValidation(world.resolve("measured"), 2, 2);
    assertThat(
            run(
                "run",
                """
                steps: 60
                  dataset: %s
                  learning_rate: 3.0e-2
                  evaluate: {every: 2, packs: 0, patience: 3}
                  checkpoint: {best: true, keep: 1}
                """
                    .formatted(world.resolve("measured")),
                StopSwitchTest.never()))
        .isTrue();
    RunFolder run = RunFolder.open(world.resolve("run"));
    int last = run.metrics().get(run.metrics().size() - 1).step();
    int best = run.manifest().counts().get("best_step").asInt();
    assertThat(last).isLessThan(60);
    assertThat(best).isEqualTo(last - 6);
    assertThat(Files.readString(world.resolve("run/report.html"))).contains("early");
    AdapterFolder adapter = AdapterFolder.open(run.adapter());
    try (TrainableModel model =
        TrainableModel.load(
            ModelFolder.open(world.resolve("model")), adapter.config().lora(), Tuning.plain(0))) {
      model.setAll(adapter.values(), "adapter");
      TrainingRows rows =
          TrainingRows.read(DatasetFolder.open(world.resolve("measured")), "validation", 0, false);
      double loss = new PackWork(rows, 1).measure(model, List.of(0, 1)).lossNats();
      assertThat(loss).isEqualTo(Collections.min(losses("run")));
    }
  }

  /**
   * The rows of the step are named, the checkpoint before it stays, the page says what happened.
   */
  @Test
  void aRunThatDivergesEnds() throws IOException {
    assertThatThrownBy(
            () ->
                run(
                    "run",
                    """
                    steps: 40
                    learning_rate: 1.0e+3
                    clip: 0
                    checkpoint: {every: 1, keep: 2}
                    """,
                    StopSwitchTest.never()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("lower the learning rate or look at the rows of this step: row");
    assertThat(Manifest.exists(world.resolve("run"))).isFalse();
    assertThat(world.resolve("run/checkpoints")).isNotEmptyDirectory();
    assertThat(Files.readString(world.resolve("run/report.html")))
        .contains("failed")
        .contains("look at the rows of this step")
        .doesNotContain("http-equiv=\"refresh\"");
  }

  @Test
  void preferencesRaiseTheMargin() throws IOException {
    TinyDataset.writePairs(world.resolve("pairs"), 12, 3);
    for (String kind : List.of("dpo", "ipo", "orpo", "simpo")) {
      run(
          kind,
          """
          steps: 20
            dataset: %s
            objective: %s
            learning_rate: 1.0e-2
          """
              .formatted(world.resolve("pairs"), kind),
          StopSwitchTest.never());
      List<StepMetrics> metrics = RunFolder.open(world.resolve(kind)).metrics();
      double margin = metrics.get(19).more().get("margin");
      assertThat(margin).as(kind).isGreaterThan(metrics.get(0).more().get("margin"));
      if (kind.equals("dpo")) {
        assertThat(metrics.get(0).lossNats()).isCloseTo(Math.log(2), within(1e-6));
        assertThat(metrics.get(0).more().get("margin")).isZero();
      }
    }
  }

  @Test
  void labelledAnswersAreDrawnApart() throws IOException {
    TinyDataset.writeLabelled(world.resolve("labelled"), 12, 4);
    run(
        "run",
        """
        steps: 20
          dataset: %s
          objective: {kind: kto, beta: 0.5}
          learning_rate: 1.0e-2
        """
            .formatted(world.resolve("labelled")),
        StopSwitchTest.never());
    StepMetrics last = RunFolder.open(world.resolve("run")).metrics().get(19);
    assertThat(last.more().get("reward_good")).isGreaterThan(last.more().get("reward_bad"));
  }

  @Test
  void aRunGoesOnFromAnotherOnesAdapter() throws IOException {
    run("first", "steps: 6", StopSwitchTest.never());
    String from = "steps: 2\n  adapter: " + world.resolve("first/adapter");
    run("second", from, StopSwitchTest.never());
    run("longer", "steps: 7", StopSwitchTest.never());
    // The order of rows begins anew, the adapter does not: a loss far below a fresh one's.
    double fresh = RunFolder.open(world.resolve("first")).metrics().get(0).lossNats();
    assertThat(RunFolder.open(world.resolve("second")).metrics().get(0).lossNats())
        .isLessThan(0.97 * fresh);
    assertThat(RunFolder.open(world.resolve("second")).manifest().inputs()).containsKey("adapter");
    assertThatThrownBy(() -> run("third", from + "\n  lora: {rank: 2}", StopSwitchTest.never()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected [2, 16]");
  }

  @Test
  void aKilledProcessLosesNothingThatItSaved() throws IOException, InterruptedException {
    run("straight", "steps: 200\n  checkpoint: {every: 3, keep: 2}", StopSwitchTest.never());
    Path recipe = recipe("steps: 200\n  checkpoint: {every: 3, keep: 2}");
    Path out = world.resolve("killed");
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                TrainingMain.class.getName(),
                "train",
                recipe.toString(),
                "--out",
                out.toString())
            .redirectErrorStream(true)
            .redirectOutput(world.resolve("child.log").toFile())
            .start();
    Path metrics = out.resolve("metrics.jsonl");
    while (child.isAlive() && (!Files.exists(metrics) || Files.readAllLines(metrics).size() < 10)) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    child.destroyForcibly().waitFor();
    assertThat(metrics).as(Files.readString(world.resolve("child.log"))).exists();
    run("killed", "steps: 200\n  checkpoint: {every: 3, keep: 2}", StopSwitchTest.never());
    assertSame("straight", "killed");
  }

  @Test
  void badInputIsOneSentence() {
    assertThatThrownBy(() -> run("run", "steps: 1\n  pack_length: 64", StopSwitchTest.never()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("no pack plan of length 64")
        .hasMessageContaining("[32]");
    assertThatThrownBy(() -> run("run", "steps: 1\n  loss_on: completion", StopSwitchTest.never()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("loss_on assistant");
  }

  private void assertSame(String one, String other) throws IOException {
    assertThat(Files.readAllBytes(world.resolve(other + "/adapter/adapter_model.safetensors")))
        .isEqualTo(Files.readAllBytes(world.resolve(one + "/adapter/adapter_model.safetensors")));
    assertThat(untimed(other)).isEqualTo(untimed(one));
  }

  private List<StepMetrics> untimed(String folder) {
    return RunFolder.open(world.resolve(folder)).metrics().stream()
        .map(
            m ->
                new StepMetrics(
                    m.step(),
                    m.lossNats(),
                    m.gradNorm(),
                    m.learningRate(),
                    m.tokens(),
                    m.targets(),
                    1,
                    1,
                    m.more()))
        .toList();
  }

  private boolean run(String out, String more, StopSwitch stop) throws IOException {
    Recipe recipe = Recipe.read(recipe(more), List.of());
    return new LoraRun(recipe.section("train", TrainConfig.class), world.resolve(out), "<tiny>")
        .run(false, stop);
  }

  /** The keys of {@code more}, a mapping's lines, and ours where it has none of that name. */
  private Path recipe(String more) throws IOException {
    var lines = new ArrayList<String>(List.of("name: \"<tiny>\"", "train:"));
    for (String own :
        List.of(
            "dataset: " + world.resolve("dataset"),
            "model: " + world.resolve("model"),
            "lora: {rank: 4, alpha: 8}",
            "learning_rate: 2.0e-2",
            "batch: {rows: 1, accumulate: 2}")) {
      String key = own.substring(0, own.indexOf(':') + 1);
      if (more.lines().noneMatch(line -> line.strip().startsWith(key))) {
        lines.add("  " + own);
      }
    }
    more.lines().filter(line -> !line.isBlank()).forEach(line -> lines.add("  " + line.strip()));
    return Files.write(world.resolve("recipe.yaml"), lines);
  }
}
