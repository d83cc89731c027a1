package dev.whetstone.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Parameter;
import dev.whetstone.models.engine.TrainableModel.Tuning;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.training.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLoopTest {
  @TempDir private Path world;

  /** Tells one loss after the other, with gradients of ones. */
  private record ToldWork(double[] losses, int[] at) implements Work {
    @Override
    public int examples() {
      return 2;
    }

    @Override
    public long tokens(int example) {
      return 10;
    }

    @Override
    public long targets(int example) {
      return 5;
    }

    @Override
    public long passTokens() {
      return 10;
    }

    @Override
    public List<PackedRow> rows(int example) {
      return List.of();
    }

    @Override
    public List<String> rowIds(int example) {
      return List.of("row-" + example);
    }

    @Override
    public Outcome accumulate(TrainableModel model, List<Integer> examples, long key) {
      for (Parameter parameter : model.parameters()) {
        float[] ones = new float[(int) parameter.gradient().size()];
        Arrays.fill(ones, 1);
        parameter.gradient().set(ones);
      }
      return new Outcome(losses[at[0]++], Map.of());
    }

    @Override
    public Outcome measure(TrainableModel model, List<Integer> examples) {
      throw new AssertionError("nobody measures");
    }
  }

  private int stepsUntilItEnds(String message, double... losses) throws IOException {
    Path recipe = world.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        "name: t\ntrain: {steps: 5, batch: {rows: 2, accumulate: 1}, learning_rate: 1.0e-3}\n");
    TrainConfig config = Recipe.read(recipe, List.of()).section("train", TrainConfig.class);
    var lora = LoraConfig.plain(2, 4, List.of("q_proj"));
    int[] steps = new int[1];
    try (TrainableModel model =
            TrainableModel.load(TinyModel.write(world.resolve("model"), 1), lora, Tuning.plain(0));
        var loop = new TrainingLoop(config, model, new ToldWork(losses, new int[1]), 1)) {
      assertThatThrownBy(
              () ->
                  loop.run(
                      (metrics, total) -> {
                        steps[0] = metrics.step();
                        return true;
                      }))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(message)
          .hasMessageContaining("row-");
      assertThat(loop.taken()).isEqualTo(steps[0]);
    }
    return steps[0];
  }

  /** The step that was not taken leaves the adapter as it was. */
  @Test
  void aLossThatIsNoNumberOrExplodesEndsTheRunBeforeItsStep() throws IOException {
    assertThat(stepsUntilItEnds("step 3: the loss is NaN", 3, 2, Double.NaN)).isEqualTo(2);
    assertThat(stepsUntilItEnds("has exploded to 40.000 from 3.000", 3, 2, 5, 40)).isEqualTo(3);
  }
}
