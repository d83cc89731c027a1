package dev.whetstone.datasets.decontaminate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ItemIndexTest {
  private static final String INSTRUCTION =
      "Turn the following order of a customer into one JSON object with fixed keys: ";

  private static final List<Item> ITEMS = items();

  private static List<Item> items() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      items.add(
          item(
              i,
              INSTRUCTION
                  + "customer number %d would like %d crates of item %d by tomorrow, street %d"
                      .formatted(i, 3 * i, 7 * i, 11 * i),
              "{}"));
    }
    items.add(item(30, "What is the boiling point of water?", "100 degrees"));
    items.add(item(31, "2 + 2 = ?", "4"));
    return items;
  }

  private static final ItemIndex INDEX = new ItemIndex(ITEMS, 8, 0.5);

  @Test
  void aLeakedQuestionIsFoundWhateverItsCaseAndPunctuation() {
    String question =
        ITEMS.get(3).question().substring(INSTRUCTION.length()).toUpperCase(Locale.ROOT);
    Contamination found = INDEX.find(row("please: " + question.replace(",", " -"))).orElseThrow();
    assertThat(found.task()).isEqualTo("orders");
    assertThat(found.docId()).isEqualTo(3);
    assertThat(found.share()).isGreaterThanOrEqualTo(0.5);
    assertThat(found.evidence()).startsWith("customer number 3 would like 9 crates");
  }

  @Test
  void theInstructionThatAllItemsShareIsNoEvidence() {
    assertThat(INDEX.find(row(INSTRUCTION + "send me a big box of nails for the new shed")))
        .isEmpty();
  }

  @Test
  void ofTheSystemTurnNothingCounts() {
    assertThat(INDEX.find(row("hi", Message.of("system", ITEMS.get(3).question())))).isEmpty();
  }

  @Test
  void aShortQuestionCountsOnlyWithItsAnswer() {
    assertThat(INDEX.find(row("Tell me: what is the boiling point of water?"))).isEmpty();
    assertThat(INDEX.find(row("Tell me: what is the boiling point of water? 100 degrees, right?")))
        .hasValueSatisfying(c -> assertThat(c.docId()).isEqualTo(30));
  }

  @Test
  void aQuestionOfTwoWordsIsNoEvidence() {
    assertThat(INDEX.find(row("2 + 2 = ? It is 4"))).isEmpty();
  }

  @Test
  void halfOfAQuestionIsTheBorder() {
    String question = "a b c d e f g h i j k l m n o p q r s t"; // 20 words, 13 runs of 8
    var index = new ItemIndex(List.of(item(0, question, "x")), 8, 0.5);
    assertThat(index.find(row("a b c d e f g h i j k l m"))).isEmpty(); // 6 of 13
    assertThat(index.find(row("a b c d e f g h i j k l m n"))) // 7 of 13
        .hasValueSatisfying(
            c ->
                assertThat(c.detail())
                    .isEqualTo(
                        "orders, item 0: 54 % of the question, \"a b c d e f g h i j k l m n\""));
  }

  private static Item item(int docId, String question, String answer) {
    return new Item("orders", "1", docId, question, List.of(answer), "", "", "");
  }

  private static Conversation row(String user, Message... before) {
    List<Message> messages = new ArrayList<>(List.of(before));
    messages.add(Message.of("user", user));
    messages.add(Message.of("assistant", "ok"));
    return Conversation.of("r", messages, "");
  }
}
