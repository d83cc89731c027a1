package dev.whetstone.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.models.engine.LoraConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainConfigTest {
  @TempDir private Path folder;

  @Test
  void anEmptySectionHasEveryDefaultFilledIn() throws IOException {
    TrainConfig config = read("");
    assertThat(config.lora().config()).isEqualTo(new LoraConfig(16, 32, LoraConfig.ALL_LINEAR));
    assertThat(config.epochs()).isEqualTo(1.0);
    assertThat(config.batch().packs()).isEqualTo(4);
    assertThat(config.clip()).isEqualTo(1.0);
  }

  @Test
  void keysOfTheDesignAreRead() throws IOException {
    TrainConfig config =
        read(
            """
              lora: {rank: 8, alpha: 16, targets: [q_proj, v_proj], dropout: 0.0}
              objective: sft
              loss_on: all
              learning_rate: 1.0e-3
              schedule: {kind: linear, warmup: 5}
              tokens: 27000
              batch: {rows: 2, accumulate: 3}
              checkpoint: {every: 7, keep: 1}
              seed: 9
              dtype: auto
            """);
    assertThat(config.lora().config().targets()).containsExactly("q_proj", "v_proj");
    assertThat(config.tokens()).isEqualTo(27_000);
    assertThat(config.batch().packs()).isEqualTo(6);
  }

  @Test
  void badValuesAreNamed() {
    assertThatThrownBy(() -> read("  steps: 3\n  tokens: 5\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("one of steps, epochs and tokens");
    assertThatThrownBy(() -> read("  learningRate: 1\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("learning_rate");
    assertThatThrownBy(() -> read("  lora: {dropout: 0.1}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("dropout");
    assertThatThrownBy(() -> read("  lora: {targets: [lm_head]}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("q_proj");
    assertThatThrownBy(() -> read("  schedule: {kind: sine}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("cosine, linear, constant");
  }

  private TrainConfig read(String section) throws IOException {
    Path file = folder.resolve("recipe.yaml");
    Files.writeString(
        file, "name: test\ntrain:\n" + (section.isEmpty() ? "  {}\n" : section.indent(0)));
    return Recipe.read(file, List.of()).section("train", TrainConfig.class);
  }
}
