package dev.whetstone.datasets.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextFeaturesTest {
  private static final TextFeatures FEATURES = new TextFeatures(16);

  @Test
  void eachSideWeighsHalfWhateverItsLength() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      SparseText both = FEATURES.of(row(words(random, 400), words(random, 3)));
      SparseText answer = FEATURES.of(row("", words(random, 9)));
      assertThat(squares(answer)).as("seed %d", seed).isCloseTo(1, within(1e-5));
      // Two features in one bucket are rare and weigh a little more together.
      assertThat(squares(both)).as("seed %d", seed).isBetween(0.999, 1.1);
      assertThat(both.buckets()).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void aWordThatComesTwiceWeighsTheLogarithmMore() {
    // Features: a, b, "a b", "b a", "a b" again: a and b twice, "a b" twice, "b a" once.
    SparseText text = FEATURES.of(row("", "a b a b"));
    double twice = 1 + Math.log(2);
    double norm = Math.sqrt(3 * twice * twice + 1);
    float[] weights = text.weights().clone();
    Arrays.sort(weights);
    assertThat(weights).hasSize(4);
    assertThat((double) weights[0]).isCloseTo(1 / norm, within(1e-6));
    assertThat((double) weights[3]).isCloseTo(twice / norm, within(1e-6));
  }

  @Test
  void orderCasePunctuationAndSideCountAsTheyShould() {
    assertThat(of("One, two!")).isEqualTo(of("one two"));
    assertThat(of("one two three")).isNotEqualTo(of("three two one"));
    assertThat(FEATURES.of(row("one two", "x")).buckets())
        .isNotEqualTo(FEATURES.of(row("x", "one two")).buckets());
    assertThat(of("\u4f60\u597d\u4e16\u754c"))
        .as("Chinese has words too")
        .isNotEqualTo(of("\u4e16\u754c\u4f60\u597d"))
        .hasSize(7);
    assertThat(of("")).isEmpty();
  }

  @Test
  void theSystemTurnAndWhatIsBeyondTheFirstPagesDoNotCount() {
    var system = Message.of(Message.SYSTEM, "be brief");
    var answer = Message.of(Message.ASSISTANT, "yes");
    assertThat(FEATURES.of(conversation(List.of(system, answer))).buckets())
        .isEqualTo(FEATURES.of(conversation(List.of(answer))).buckets());
    String long1 = "word ".repeat(TextFeatures.MAX_WORDS);
    assertThat(of(long1 + "other")).isEqualTo(of(long1));
  }

  private static List<Integer> of(String answer) {
    return Arrays.stream(FEATURES.of(row("", answer)).buckets()).boxed().toList();
  }

  private static double squares(SparseText text) {
    double sum = 0;
    for (float weight : text.weights()) {
      sum += weight * weight;
    }
    return sum;
  }

  private static String words(Random random, int n) {
    var text = new StringBuilder();
    for (int i = 0; i < n; i++) {
      text.append("w").append(random.nextInt(200)).append(' ');
    }
    return text.toString();
  }

  private static Conversation row(String user, String assistant) {
    return conversation(
        List.of(Message.of(Message.USER, user), Message.of(Message.ASSISTANT, assistant)));
  }

  private static Conversation conversation(List<Message> turns) {
    return Conversation.of("r", turns, "");
  }
}
