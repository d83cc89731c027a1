package dev.whetstone.datasets.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.datasets.dedup.Compared;
import dev.whetstone.datasets.dedup.ExactText;
import dev.whetstone.datasets.dedup.Shingles;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ConversationTest {
  private static final Message USER = Message.of("user", "which of the two is it then");
  private static final Message GOOD = Message.of("assistant", "the first one of these");
  private static final Message BAD = Message.of("assistant", "something else altogether, surely");

  @Test
  void everyFieldEntersTheHashes() {
    List<Conversation> different =
        List.of(
            Conversation.of("", List.of(USER, GOOD), ""),
            Conversation.of("", List.of(USER, GOOD), "[1]"),
            Conversation.of("", List.of(USER, loss(GOOD, true)), ""),
            Conversation.of("", List.of(USER, loss(GOOD, false)), ""),
            Conversation.of("", List.of(USER, extra(GOOD, "{\"name\":\"n\"}")), ""),
            Conversation.labelled(List.of(USER), List.of(GOOD), true, ""),
            Conversation.labelled(List.of(USER), List.of(GOOD), false, ""),
            Conversation.pair(List.of(USER), List.of(GOOD), List.of(BAD), ""),
            Conversation.pair(List.of(USER), List.of(BAD), List.of(GOOD), ""),
            Conversation.pair(List.of(USER), List.of(GOOD), List.of(extra(BAD, "{\"a\":1}")), ""));
    Function<Conversation, String> content = Conversation::content;
    Function<Conversation, String> exact = row -> ExactText.hash(row, Compared.CONVERSATION);
    for (var hash : List.of(content, exact)) {
      assertThat(different.stream().map(hash)).doesNotHaveDuplicates();
    }
    assertThat(different.get(0).withId("x").content()).isEqualTo(different.get(0).content());
  }

  @Test
  void aPairIsComparedByBothOfItsAnswers() {
    var pair = Conversation.pair(List.of(USER), List.of(GOOD), List.of(BAD), "");
    var chosen = Conversation.of("", List.of(USER, GOOD), "");
    assertThat(shingles(pair)).contains(shingles(chosen));
    assertThat(shingles(pair)).hasSizeGreaterThan(shingles(chosen).length);
    assertThat(pair.text()).endsWith("rejected assistant: something else altogether, surely");
    assertThat(pair.answer()).containsExactly(GOOD);
    assertThat(pair.rejectedMessages()).containsExactly(USER, BAD);
  }

  @Test
  void aRowIsOfOneKind() {
    assertThatThrownBy(() -> new Conversation("", List.of(USER, GOOD), "", List.of(BAD), true, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Conversation("", List.of(USER, GOOD), "", List.of(BAD), null, 3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Conversation("", List.of(USER, GOOD), "", List.of(), null, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Message loss(Message turn, boolean loss) {
    return new Message(
        turn.role(), turn.content(), turn.toolCalls(), turn.extra(), loss ? 1.0 : 0.0);
  }

  private static Message extra(Message turn, String extra) {
    return new Message(turn.role(), turn.content(), turn.toolCalls(), extra, turn.weight());
  }

  private static long[] shingles(Conversation row) {
    return Shingles.of(Compared.CONVERSATION.text(row), 5);
  }
}
