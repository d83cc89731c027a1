package dev.whetstone.datasets.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.datasets.quality.Draw.Part;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DrawTest {
  private final List<LabelledRow> rows = rows();

  @Test
  void rowsWithOnePromptAreOnOneSide() {
    for (long seed = 0; seed < 5; seed++) {
      Map<Part, List<LabelledRow>> parts = Draw.cut(rows, 0.1, seed);
      Set<String> seen = new HashSet<>(Set.of("none"));
      for (List<LabelledRow> part : parts.values()) {
        Set<String> prompts = part.stream().map(LabelledRow::prompt).collect(Collectors.toSet());
        assertThat(prompts).as("seed %d", seed).doesNotContainAnyElementsOf(seen);
        seen.addAll(prompts);
      }
      assertThat(parts.get(Part.MEASURE).size()).isBetween(100, 300);
      assertThat(parts.get(Part.CALIBRATE).size()).isBetween(100, 300);
      assertThat(parts.values().stream().mapToInt(List::size).sum()).isEqualTo(rows.size());
    }
  }

  @Test
  void eachRowMeasuresInOneFold() {
    List<LabelledRow> measured = new ArrayList<>();
    for (Map<Part, List<LabelledRow>> parts : Draw.folds(rows, 5, 2, 0.1, 7)) {
      measured.addAll(parts.get(Part.MEASURE));
      assertThat(parts.get(Part.MEASURE).size()).isBetween(250, 550);
    }
    assertThat(measured).containsExactlyInAnyOrderElementsOf(rows);
    assertThat(Draw.folds(rows, 5, 1, 0.1, 7)).isNotEqualTo(Draw.folds(rows, 5, 2, 0.1, 7));
  }

  /** 2,000 rows, two answers a prompt. */
  private static List<LabelledRow> rows() {
    List<LabelledRow> rows = new ArrayList<>();
    var features = new TextFeatures(8);
    for (int i = 0; i < 2000; i++) {
      String asked = "question " + (i / 2) + (i % 2 == 0 ? "" : "?");
      var row =
          Conversation.of(
              "r" + i,
              List.of(
                  Message.of(Message.USER, asked), Message.of(Message.ASSISTANT, "answer " + i)),
              "");
      rows.add(LabelledRow.of(row, "f", i, i % 2 == 0, features));
    }
    return rows;
  }
}
