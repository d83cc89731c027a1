package dev.whetstone.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.run.RunFolder;
import dev.whetstone.artifacts.testing.CommandOutcome;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  @TempDir private Path world;

  private CommandOutcome sweep(String... more) throws IOException {
    Path recipe = world.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        name: tiny
        train:
          dataset: %s
          model: %s
          lora: {rank: 4, alpha: 8}
          batch: {rows: 1, accumulate: 1}
          sweep: {learning_rates: [1.0e-5, 2.0e-3], ranks: [2, 4], steps: 3}
        """
            .formatted(world.resolve("dataset"), world.resolve("model")));
    var arguments =
        new ArrayList<Object>(List.of(recipe, "--out", world.resolve("sweep"), "--sweep"));
    arguments.addAll(List.of(more));
    return CommandOutcome.of(new TrainCommand(), arguments.toArray());
  }

  @Test
  void theBestRunIsPrintedAndAllAreOnThePage() throws IOException {
    TinyModel.write(world.resolve("model"), 1);
    TinyDataset.writeWithValidation(world.resolve("dataset"), 4, 1);
    CommandOutcome outcome = sweep();
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    Path best = Path.of(outcome.output().strip());
    assertThat(RunFolder.open(best).metrics()).hasSize(12);
    assertThat(best.getFileName().toString()).startsWith("12-steps-rate-0.002-rank-");
    assertThat(Json.read(world.resolve("sweep/sweep.json")).get("trials")).hasSize(7);
    assertThat(Files.readString(world.resolve("sweep/sweep.html")))
        .contains("Best learning rate")
        .doesNotContain("refresh");
    // A second time nothing is trained.
    assertThat(sweep().errors()).contains("unchanged, reused");
  }

  @Test
  void oneSettingIsNoSweepAndWithoutValidationNothingIsCompared() throws IOException {
    TinyModel.write(world.resolve("model"), 1);
    TinyDataset.write(world.resolve("dataset"), 4, 1);
    assertThat(sweep().sentences())
        .singleElement()
        .asString()
        .contains("compares losses on the validation split");
    assertThat(sweep("--set", "train.sweep={}").sentences())
        .singleElement()
        .asString()
        .contains("expected several learning_rates or ranks");
  }
}
