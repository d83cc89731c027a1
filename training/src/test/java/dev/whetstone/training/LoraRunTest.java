package dev.whetstone.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.artifacts.run.RunFolder;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private Path recipe(String more) throws IOException {
    return Files.writeString(
        world.resolve("recipe.yaml"),
        """
        name: "<tiny>"
        train:
          dataset: %s
          model: %s
          lora: {rank: 4, alpha: 8}
          learning_rate: 2.0e-2
          batch: {rows: 1, accumulate: 2}
          %s
        """
            .formatted(world.resolve("dataset"), world.resolve("model"), more));
  }
}
