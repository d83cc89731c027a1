package dev.whetstone.workbench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoardSummaryTest {
  @TempDir Path folder;

  @Test
  void showsEachMetricInPercentAndEachVerdictAsTheBoardSaysIt() throws IOException {
    Path board =
        Files.writeString(
            folder.resolve("board.json"),
            """
            {"format": "whetstone.board/1", "contenders": [{"name": "tuned", "results": [
              {"task": "orders", "shots": 0, "documents": 120,
               "metrics": [{"metric": "json_exact_match", "value": 0.875, "low": 0.8, "high": 0.93},
                           {"metric": "json_field_f1", "value": null, "low": null, "high": null}],
               "verdict": {"verdict": "improved", "sentence": "Better by 50 points."}}]}]}
            """);
    BoardSummary summary = BoardSummary.read(board);
    assertThat(summary.verdicts()).containsExactly("tuned, orders: Better by 50 points.");
    assertThat(summary.rows()).hasSize(2);
    assertThat(summary.rows().get(0))
        .contains("tuned", "orders", "0-shot", "json_exact_match", "87.5  [80.0, 93.0]  n = 120");
    assertThat(summary.rows().get(1)).as("what is undefined is not 0").contains("?  [?, ?]");
  }
}
