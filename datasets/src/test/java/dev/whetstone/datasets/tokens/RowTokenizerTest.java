package dev.whetstone.datasets.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.LossMask.Labelled;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowTokenizerTest {
  private static final ChatTemplate TEMPLATE =
      ChatTemplate.of(
          "{% for m in messages %}<{{ m.role }}{% if m.name %}={{ m.name }}{% endif %}>"
              + "{{ m.content }}{{ '.' }}{% endfor %}"
              + "{% if add_generation_prompt %}<assistant>{% endif %}",
          Map.of());

  @TempDir static Path model;
  private static Tokenizer tokenizer;

  @BeforeAll
  static void open() {
    TinyTokenizer.write(model);
    tokenizer = Tokenizer.open(model);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void whatARowSaysOfATurnStandsAboveTheRecipe() {
    assertThat(learned(LossOn.ASSISTANT, row(null, null, null))).isEqualTo("A.B.C.");
    assertThat(learned(LossOn.ASSISTANT, row(null, false, true))).isEqualTo("A.C.");
    assertThat(learned(LossOn.COMPLETION, row(null, null, null))).isEqualTo("C.");
    assertThat(learned(LossOn.COMPLETION, row(true, false, null))).isEqualTo("A.C.");
    assertThat(learned(LossOn.COMPLETION, row(true, null, false))).isEqualTo("A.");
    assertThat(learned(LossOn.ALL, row(null, false, null)))
        .endsWith("user>a.<assistant>A.<user>b.<assistant><user>c.<assistant>C.");
    assertThat(learned(LossOn.ASSISTANT, row(false, false, false))).isEmpty();
  }

  @Test
  void eachTargetCountsWhatTheRowSaysOfItsTurn() {
    Conversation row = weighted(0.25, 0.0, null);
    assertThat(weights(LossOn.ASSISTANT, row)).containsExactly(0.25f, 0.25f, 1f, 1f);
    assertThat(weights(LossOn.COMPLETION, row)).containsExactly(0.25f, 0.25f, 1f, 1f);
    Labelled all = new RowTokenizer(TEMPLATE, tokenizer, LossOn.ALL).of(row);
    assertThat(learned(LossOn.ALL, row)).contains("A.").doesNotContain("B.").endsWith("C.");
    for (int t = 0; t < all.weights().length; t++) {
      assertThat(all.weights()[t] > 0).isEqualTo(all.labels()[t] >= 0);
    }
    assertThat(all.isWeighted()).isTrue();
    assertThat(all.weights()).contains(0.25f).containsOnly(0, 0.25f, 1);
    assertThat(new RowTokenizer(TEMPLATE, tokenizer, LossOn.ALL).of(row(null, false, true)))
        .matches(unweighted -> !unweighted.isWeighted());
  }

  /** Of the targets. */
  private static Float[] weights(LossOn lossOn, Conversation row) {
    Labelled labelled = new RowTokenizer(TEMPLATE, tokenizer, lossOn).of(row);
    return IntStream.range(0, labelled.labels().length)
        .filter(t -> labelled.labels()[t] >= 0)
        .mapToObj(t -> labelled.weights()[t])
        .toArray(Float[]::new);
  }

  @Test
  void onlyTheAnswersOfAPairAreLearnedOnBothSides() {
    List<Message> prompt = List.of(turn("user", "a"), turn("assistant", "A"), turn("user", "b"));
    var pair =
        Conversation.pair(
            prompt,
            List.of(turn("assistant", "good")),
            List.of(turn("assistant", "bad"), turn("user", "no"), turn("assistant", "worse")),
            "");
    for (LossOn lossOn : LossOn.values()) {
      var rows = new RowTokenizer(TEMPLATE, tokenizer, lossOn);
      assertThat(learned(rows.of(pair))).isEqualTo("good.");
      assertThat(learned(rows.ofRejected(pair))).isEqualTo("bad.worse.");
      assertThat(tokenizer.decode(rows.ofRejected(pair).tokens(), false))
          .isEqualTo("<user>a.<assistant>A.<user>b.<assistant>bad.<user>no.<assistant>worse.");
    }
    var labelled = Conversation.labelled(prompt, List.of(turn("assistant", "good")), false, "");
    assertThat(learned(LossOn.ALL, labelled)).isEqualTo("good.");
  }

  @Test
  void theTemplateSeesTheFurtherKeysOfAMessage() {
    var named = new Message("user", "a", "", "{\"name\": \"jo\", \"content\": \"not this\"}", null);
    var row = Conversation.of("r", List.of(named, turn("assistant", "A")), "");
    Labelled labelled = new RowTokenizer(TEMPLATE, tokenizer, LossOn.ASSISTANT).of(row);
    assertThat(tokenizer.decode(labelled.tokens(), false)).isEqualTo("<user=jo>a.<assistant>A.");
  }

  private static Conversation row(Boolean... loss) {
    return weighted(
        Arrays.stream(loss)
            .map(learned -> learned == null ? null : learned ? 1.0 : 0.0)
            .toArray(Double[]::new));
  }

  private static Conversation weighted(Double... weights) {
    return Conversation.of(
        "r",
        List.of(
            turn("user", "a"),
            new Message("assistant", "A", "", "", weights[0]),
            turn("user", "b"),
            new Message("assistant", "B", "", "", weights[1]),
            turn("user", "c"),
            new Message("assistant", "C", "", "", weights[2])),
        "");
  }

  private static Message turn(String role, String content) {
    return Message.of(role, content);
  }

  private static String learned(LossOn lossOn, Conversation row) {
    return learned(new RowTokenizer(TEMPLATE, tokenizer, lossOn).of(row));
  }

  private static String learned(Labelled labelled) {
    int[] targets = Arrays.stream(labelled.labels()).filter(l -> l >= 0).toArray();
    return tokenizer.decode(targets, false);
  }
}
