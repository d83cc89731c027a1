package dev.whetstone.artifacts.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.TinyManifest;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir Path folder;

  @Test
  void metricsAreReadStepByStep() throws IOException {
    ArtifactFolder.finish(folder, TinyManifest.of(RunFolder.FORMAT));
    var first = new StepMetrics(1, 2.5, 0.1, 2e-4, 1024, 300, 6.5, 160, Map.of());
    var second = new StepMetrics(2, 2.25, Double.NaN, 1e-4, 2048, 310, 13, 161, Map.of());
    Files.writeString(
        folder.resolve(RunFolder.METRICS), Json.line(first) + "\n" + Json.line(second) + "\n");
    RunFolder run = RunFolder.open(folder);
    assertThat(run.metrics()).containsExactly(first, second);
    assertThat(run.adapter()).isEqualTo(folder.resolve("adapter"));
    Files.writeString(folder.resolve(RunFolder.METRICS), "{\"step\": 1, \"loss\": 2}\n");
    assertThatThrownBy(run::metrics)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("metrics.jsonl, line 1: expected StepMetrics, found not the JSON");
  }
}
