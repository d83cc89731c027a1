package dev.whetstone.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.training.checkpoint.Checkpoints.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  @TempDir private Path run;

  @Test
  void whatIsSavedComesBackBitForBit() {
    var checkpoints = new Checkpoints(run, "id", 3);
    checkpoints.save(state(4, 0.1f), -1);
    State found = checkpoints.newest().orElseThrow();
    assertThat(found.step()).isEqualTo(4);
    assertThat(found.adapter().get(0).values()).containsExactly(0.1f, Float.MIN_VALUE);
    assertThat(found.firstMoments().get(0)).containsExactly(1 + 0.1f, 2);
    assertThat(found.secondMoments().get(0)).containsExactly(3 + 0.1f, 4);
  }

  @Test
  void onlyTheNewestStay() throws IOException {
    var checkpoints = new Checkpoints(run, "id", 2);
    for (int step : new int[] {2, 4, 10}) {
      checkpoints.save(state(step, step), -1);
    }
    try (var files = Files.list(run.resolve("checkpoints"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("step-4", "step-10");
    }
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    var checkpoints = new Checkpoints(run, "id", 3);
    checkpoints.save(state(2, 2), -1);
    checkpoints.save(state(4, 4), -1);
    Path torn = run.resolve("checkpoints/step-4/optimizer.safetensors");
    byte[] bytes = Files.readAllBytes(torn);
    Files.write(torn, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(checkpoints.newest().orElseThrow().step()).isEqualTo(2);
  }

  @Test
  void aCheckpointOfOtherWorkIsNotTakenUp() {
    new Checkpoints(run, "other", 3).save(state(2, 2), -1);
    assertThat(new Checkpoints(run, "id", 3).newest()).isEmpty();
  }

  @Test
  void theBestStaysHoweverOldItIs() throws IOException {
    var checkpoints = new Checkpoints(run, "id", 1);
    for (int step : new int[] {2, 4, 6}) {
      checkpoints.save(state(step, step), 2);
    }
    assertThat(checkpoints.newest().orElseThrow().step()).isEqualTo(6);
    assertThat(checkpoints.of(2).orElseThrow().adapter().get(0).values()[0]).isEqualTo(2);
    assertThat(checkpoints.of(4)).isEmpty();
  }

  @Test
  void linesAreCutBackToTheCheckpoint() throws IOException {
    var metrics = new LinesFile<>(run.resolve("metrics.jsonl"), StepMetrics.class);
    assertThat(metrics.all()).isEmpty();
    for (int step = 1; step <= 5; step++) {
      metrics.append(new StepMetrics(step, 1, 1, 1, step, 1, step, 1, Map.of()));
    }
    Files.writeString(metrics.file(), "{\"step\": 6, torn", StandardOpenOption.APPEND);
    metrics.keepWhile(step -> step.step() <= 5);
    assertThat(metrics.all()).extracting(StepMetrics::step).containsExactly(1, 2, 3, 4, 5);
    metrics.keepWhile(step -> step.step() <= 3);
    assertThat(metrics.all()).extracting(StepMetrics::step).containsExactly(1, 2, 3);
  }

  private static State state(int step, float value) {
    var tensor =
        new FloatTensor("a.lora_A.weight", List.of(1L, 2L), new float[] {value, Float.MIN_VALUE});
    return new State(
        step,
        1.5,
        1,
        List.of(tensor),
        List.of(new float[] {1 + value, 2}),
        List.of(new float[] {3 + value, 4}));
  }
}
