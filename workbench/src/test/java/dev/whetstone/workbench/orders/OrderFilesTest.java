package dev.whetstone.workbench.orders;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrderFilesTest {
  private static final List<String> FILES =
      List.of(
          "raw/orders.jsonl",
          "planted.jsonl",
          "tasks/orders-test.jsonl",
          "tasks/orders-shots.jsonl");

  @TempDir Path folder;

  @Test
  void equalSeedsGiveEqualBytes() throws IOException {
    OrderFiles.write(folder.resolve("a"), 5);
    OrderFiles.write(folder.resolve("b"), 5);
    OrderFiles.write(folder.resolve("c"), 6);
    for (String file : FILES) {
      byte[] bytes = Files.readAllBytes(folder.resolve("a").resolve(file));
      assertThat(folder.resolve("b").resolve(file)).as(file).hasBinaryContent(bytes);
      if (!file.equals("planted.jsonl")) {
        assertThat(Files.readAllBytes(folder.resolve("c").resolve(file)))
            .as(file)
            .isNotEqualTo(bytes);
      }
    }
  }

  @Test
  void theTestSetIsWholeAndShotsAreNoTrainingRows() throws IOException {
    OrderFiles.write(folder, 0);
    assertThat(Files.readAllLines(folder.resolve("tasks/orders-test.jsonl")))
        .hasSize(OrderFiles.TEST_ROWS);
    String raw = Files.readString(folder.resolve("raw/orders.jsonl"));
    List<String> shots = Files.readAllLines(folder.resolve("tasks/orders-shots.jsonl"));
    assertThat(shots).hasSize(3);
    for (String shot : shots) {
      String text = Json.mapper().readTree(shot).path("text").asText();
      assertThat(raw).doesNotContain(text);
    }
  }

  /** The task file says to the base model what every training row says. */
  @Test
  void theTaskAsksWithTheInstructionOfTheTrainingRows() throws IOException {
    Path recipes = Path.of("").toAbsolutePath().resolve("../recipes/quickstart/tasks/orders.yaml");
    assertThat(Files.readString(recipes))
        .contains("description: \"" + OrderWorlds.INSTRUCTION + "\"");
  }
}
