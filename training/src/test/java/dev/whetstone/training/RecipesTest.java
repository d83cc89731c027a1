package dev.whetstone.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.training.loop.Work;
import dev.whetstone.training.objective.Objective.Kind;
import dev.whetstone.training.preflight.Finding;
import dev.whetstone.training.preflight.Finding.Severity;
import dev.whetstone.training.preflight.Preflight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The recipes that come with the sources are read, and none of them stops before its run. */
class RecipesTest {
  @TempDir private Path world;

  static List<Path> recipes() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("../recipes"))) {
      return files
          .filter(file -> file.toString().endsWith(".yaml") && !file.toString().contains("tasks"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void aSoundRecipeIsNotStopped(Path file) throws IOException {
    TrainConfig section = Recipe.read(file, List.of()).section("train", TrainConfig.class);
    ModelFolder model = TinyModel.write(world.resolve("model"), 1);
    Kind kind = section.objective().kind();
    Path dataset = world.resolve("dataset");
    if (kind.takesPairs()) {
      TinyDataset.writePairs(dataset, 20, 1);
    } else if (kind == Kind.KTO) {
      TinyDataset.writeLabelled(dataset, 20, 1);
    } else {
      TinyDataset.writeWithValidation(dataset, 20, 1);
    }
    TrainConfig config = section.withPlaces(dataset.toString(), model.path().toString(), "");
    RunInputs inputs = RunInputs.open(config);
    Work work = inputs.training(config);
    List<Finding> findings =
        Preflight.of(
            config,
            DatasetFolder.open(dataset),
            model,
            work,
            inputs.validation(config).isPresent());
    assertThat(findings).noneMatch(finding -> finding.severity() == Severity.STOP);
    assertThat(findings).noneMatch(finding -> finding.kind().equals("unusual-rate"));
  }
}
