package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.result.ResultFolder;
import dev.whetstone.artifacts.testing.CommandOutcome;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizeCommandTest {
  @TempDir private Path folder;

  @AfterEach
  void forgetTheLauncher() {
    System.clearProperty("whetstone.launcher");
  }

  private CommandOutcome run(Object... more) {
    var all = new ArrayList<Object>();
    all.addAll(
        List.of(
            "quantize",
            "--model",
            folder.resolve("model"),
            "--to",
            "q8_0",
            "--out",
            folder.resolve("out")));
    all.addAll(List.of(more));
    return CommandOutcome.of(new EngineMain(), all.toArray());
  }

  @Test
  void sizesAndWeightErrorsAreTold() {
    ModelFolder model = TinyModel.write(folder.resolve("model"), 1);
    CommandOutcome outcome = run();
    assertThat(outcome.output()).isEqualTo(folder.resolve("out") + "\n");
    Manifest manifest = Manifest.read(folder.resolve("out"), QuantizeCommand.FORMAT);
    assertThat(manifest.inputs()).containsEntry("model", model.content());
    JsonNode told = manifest.counts();
    assertThat(folder.resolve("out").resolve(told.get("file").textValue())).exists();
    JsonNode error = told.get("weight_error");
    // Rows of no whole blocks are float16: relative rounding of at most 2^-11.
    assertThat(error.get("worst").doubleValue()).isBetween(1e-6, 4 * 0x1p-11);
    assertThat(error.get("relative").doubleValue()).isBetween(1e-5, 0x1p-11);
    assertThat(outcome.errors()).contains("weight error");
    assertThat(run().errors()).contains("is unchanged, reused");
    assertThat(run("--limit", "3").errors()).contains("--overwrite");
    assertThat(run("--limit", "3", "--overwrite").exitCode()).isZero();
  }

  @Test
  void scoresBeforeAndAfterComeFromEval() throws IOException {
    TinyModel.write(folder.resolve("model"), 1);
    // An evaluation that scores the original 0.75 and all else 0.5, and writes what eval writes.
    Path launcher = folder.resolve("launcher");
    Files.writeString(
        launcher,
        """
        #!/usr/bin/env bash
        [ "$1" = eval ] || exit 9
        score=0.5
        while [ $# -gt 0 ]; do
          case $1 in
            --model) [ -f "$2/config.json" ] || exit 8; case $2 in */out/model) ;; *) score=0.75 ;; esac ;;
            --out) out=$2 ;;
          esac
          shift
        done
        mkdir -p "$out"
        cp "$(dirname "$0")/manifest.json" "$out/manifest.json"
        echo "{\\"results\\": {\\"t\\": {\\"alias\\": \\"t\\", \\"acc,none\\": $score, \\"acc_stderr,none\\": 0.1}}}" > "$out/results_x.json"
        """);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Files.writeString(
        folder.resolve("manifest.json"),
        Json.pretty(
            new Manifest(
                ResultFolder.FORMAT,
                "sha256:id",
                "sha256:content",
                Map.of(),
                Json.mapper().createObjectNode(),
                Json.mapper().createObjectNode(),
                Map.of(),
                Map.of(),
                List.of(),
                "2026-01-02T03:04:05Z",
                1)));
    System.setProperty("whetstone.launcher", launcher.toString());
    CommandOutcome outcome = run("--tasks", "t", "--limit", "3");
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    assertThat(outcome.errors()).contains("acc: 0.7500 before, 0.5000 after, difference -0.2500");
    JsonNode losses =
        Manifest.read(folder.resolve("out"), QuantizeCommand.FORMAT).counts().get("losses");
    assertThat(losses).hasSize(1);
    assertThat(losses.get(0).get("after").doubleValue()).isEqualTo(0.5);
    assertThat(folder.resolve("out/model")).doesNotExist();
  }

  @Test
  void anEvaluationThatFailsIsTold() {
    TinyModel.write(folder.resolve("model"), 1);
    System.setProperty("whetstone.launcher", "false");
    CommandOutcome outcome = run("--tasks", "t");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.errors()).contains("eval ended with exit code 1");
    assertThat(outcome.errors()).contains("the same command goes on with the scores");
    assertThat(folder.resolve("out/model.Q8_0.gguf")).exists();
    assertThat(folder.resolve("out/manifest.json")).doesNotExist();
  }
}
