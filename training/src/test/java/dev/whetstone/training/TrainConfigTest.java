package dev.whetstone.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.models.engine.Hardware;
import dev.whetstone.models.engine.LoraTargets;
import dev.whetstone.training.TrainConfig.Switch;
import dev.whetstone.training.objective.Objective.Kind;
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
    assertThat(config.lora().config(LoraConfig.ALL_LINEAR))
        .isEqualTo(LoraConfig.plain(16, 32, LoraConfig.ALL_LINEAR));
    assertThat(config.lora().chosen()).isEqualTo(LoraTargets.ALL_LINEAR);
    assertThat(config.objective().kind()).isEqualTo(Kind.SFT);
    assertThat(config.checkpointing()).isEqualTo(Switch.AUTO);
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
    assertThat(config.lora().chosen().names()).containsExactly("q_proj", "v_proj");
    assertThat(config.tokens()).isEqualTo(27_000);
    assertThat(config.batch().packs()).isEqualTo(6);
  }

  @Test
  void methodsAreRead() throws IOException {
    TrainConfig config =
        read(
            """
              lora: {rank: 8, targets: '.*\\.(q|v)_proj', layers: [0, 1], rank_pattern: {q_proj: 4},
                     alpha_pattern: {q_proj: 8}, rslora: true, dora: true, bias: lora_only,
                     modules_to_save: [lm_head], plus: 16, dropout: 0.05}
              objective: {kind: dpo, beta: 0.2, smoothing: 0.1}
              noise: 5
              checkpointing: on
              batch: {rows: 2, accumulate: 4, at_once: auto}
              dtype: bfloat16
              device: cpu
              evaluate: {every: 5, packs: 0, patience: 3, min_delta: 0.01}
              checkpoint: {best: true}
              adapter: runs/one/adapter
            """);
    assertThat(config.lora().chosen())
        .isEqualTo(new LoraTargets(List.of(), ".*\\.(q|v)_proj", List.of(0, 1)));
    LoraConfig lora = config.lora().config(List.of("q_proj"));
    assertThat(lora.scale("model.layers.0.self_attn.q_proj")).isEqualTo(8 / Math.sqrt(4));
    assertThat(config.objective().beta()).isEqualTo(0.2);
    assertThat(config.checkpointing()).isEqualTo(Switch.ON);
    assertThat(config.batch().atOnce().packs()).isZero();
    assertThat(config.isBfloat16(Hardware.CPU)).isTrue();
    assertThat(config.withPlaces("d", "m", "")).isEqualTo(config.withPlaces("d", "m", ""));
    assertThat(config.withPlaces("d", "m", "").adapter()).isEmpty();
  }

  @Test
  void badValuesAreNamed() {
    assertThatThrownBy(() -> read("  steps: 3\n  tokens: 5\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("one of steps, epochs and tokens");
    assertThatThrownBy(() -> read("  learningRate: 1\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("learning_rate");
    assertThatThrownBy(() -> read("  lora: {dropout: 1.0}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("dropout must be in [0, 1)");
    assertThatThrownBy(() -> read("  lora: {targets: []}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("all-linear");
    assertThatThrownBy(() -> read("  lora: {targets: '['}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("no regular expression");
    assertThatThrownBy(() -> read("  objective: {kind: orpo, smoothing: 0.1}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("smoothing is for dpo and simpo");
    assertThatThrownBy(() -> read("  objective: ppo\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("sft, dpo, ipo, orpo, simpo, kto");
    assertThatThrownBy(() -> read("  evaluate: {patience: 2}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("evaluate.every");
    assertThatThrownBy(() -> read("  schedule: {kind: sine}\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("cosine, linear, constant, wsd");
  }

  private TrainConfig read(String section) throws IOException {
    Path file = folder.resolve("recipe.yaml");
    Files.writeString(
        file, "name: test\ntrain:\n" + (section.isEmpty() ? "  {}\n" : section.indent(0)));
    return Recipe.read(file, List.of()).section("train", TrainConfig.class);
  }
}
