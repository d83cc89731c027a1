package dev.whetstone.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.datasets.dedup.ExactText;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowOrderTest {
  @Test
  void theSeedAndTheContentDecideAlone() {
    assertThat(RowOrder.of("a", "p", 1, 0.5)).isEqualTo(RowOrder.of("a", "p", 1, 0.5));
    assertThat(RowOrder.of("a", "p", 1, 0.5).order())
        .isNotEqualTo(RowOrder.of("a", "p", 2, 0.5).order());
  }

  @Test
  void theShareIsKeptAndEveryRangeIsInOrder() {
    int validation = 0;
    for (int i = 0; i < 20_000; i++) {
      RowOrder place = RowOrder.of("row " + i, "prompt " + i, 0, 0.1);
      validation += place.split().equals(RowOrder.VALIDATION) ? 1 : 0;
      assertThat(place.order()).isNotNegative();
      assertThat(place.range()).isBetween(0, RowOrder.RANGES - 1);
    }
    assertThat(validation / 20_000.0).isCloseTo(0.1, within(0.01));
    assertThat(RowOrder.of("a", "p", 0, 0).split()).isEqualTo(RowOrder.TRAIN);
    assertThat(RowOrder.of("a", "p", 0, 1).split()).isEqualTo(RowOrder.VALIDATION);
  }

  @Test
  void rowsOfOnePromptAreNotSeparated() {
    for (int i = 0; i < 200; i++) {
      String split = split("Who is  it, " + i + "?", "me");
      assertThat(split("who is it, " + i + "? ", "you")).as("prompt %d", i).isEqualTo(split);
    }
  }

  private static String split(String question, String answer) {
    var row =
        Conversation.of(
            "",
            List.of(
                Message.of(Message.SYSTEM, "be " + answer),
                Message.of(Message.USER, question),
                Message.of(Message.ASSISTANT, answer)),
            "");
    return RowOrder.of(row.content(), ExactText.promptHash(row), 7, 0.5).split();
  }
}
