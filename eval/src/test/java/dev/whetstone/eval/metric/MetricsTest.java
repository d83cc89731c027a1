package dev.whetstone.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.eval.task.Arguments;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": 1, \"b\": \"x\"} | {\"b\": \" x\", \"a\": 1.0} | 1",
        "{\"a\": 1} | {\"a\": \"1\"} | 0",
        "{\"a\": 1} | {\"a\": 1, \"b\": null} | 0",
        "{\"a\": 1} | Here it is: {\"a\": 1} | 0",
        "{\"a\": 1} | {\"a\": 1} thanks | 0",
        "{\"a\": [1, {\"b\": 2}]} | {\"a\": [1, {\"b\": 2}]} | 1",
        "{\"a\": [1, 2]} | {\"a\": [2, 1]} | 0",
        "{\"a\": 1} | [1] | 0"
      })
  void anExactAnswerIsOneEqualObjectAndNothingElse(String gold, String answer, double score) {
    assertThat(score(JsonExactMatch.KIND, gold, answer)).isEqualTo(score);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": 1, \"b\": 2} | {\"a\": 1, \"b\": 3} | 0.5",
        "{\"a\": 1, \"b\": 2} | {\"a\": 1} | 0.6666666666666666",
        "{\"a\": 1} | {\"c\": 1} | 0",
        "{} | {} | 1",
        "{\"a\": 1} | nothing | 0"
      })
  void fieldF1IsTwiceTheRightPairsOverAllPairs(String gold, String answer, double score) {
    assertThat(score(JsonFieldF1.KIND, gold, answer)).isEqualTo(score);
  }

  @Test
  void anAnswerThatIsNoObjectIsRemarkedAsUnparsed() {
    Metric metric = make(JsonFieldF1.KIND, Map.of());
    assertThat(metric.remark(generated("{}", "{\"a\": "))).contains("unparsed");
    assertThat(metric.remark(generated("{}", "{\"a\": 1}"))).isEmpty();
  }

  @Test
  void aTargetThatIsNoObjectIsAMistakeOfTheTask() {
    assertThatThrownBy(() -> score(JsonExactMatch.KIND, "four", "{}"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found: four");
  }

  @Test
  void theFirstOfEqualChoicesWins() {
    Metric acc = make(Accuracy.BY_SUM, Map.of());
    assertThat(acc.score(choice(0L, -1.0, -1.0))).isEqualTo(1.0);
    assertThat(acc.score(choice(1L, -1.0, -1.0))).isEqualTo(0.0);
  }

  @Test
  void lengthIsCountedInCharactersAndInBytes() {
    // Per character the first has -1 and the second -1.5; per byte -0.25 and -1.5.
    var emoji =
        new ScoredDocument(
            0L,
            List.of("😀😀", "ab"),
            List.of(-4.0, -3.0),
            List.of(false, false),
            Optional.empty());
    assertThat(make(Accuracy.BY_SUM, Map.of()).score(emoji)).isEqualTo(0.0);
    assertThat(make(Accuracy.BY_CHARACTERS, Map.of()).score(emoji)).isEqualTo(0.0);
    assertThat(make(Accuracy.BY_BYTES, Map.of()).score(emoji)).isEqualTo(1.0);
  }

  @Test
  void aGoldAnswerOutsideTheChoicesIsNeverRightAndIsRemarked() {
    Metric acc = make(Accuracy.BY_SUM, Map.of());
    assertThat(acc.score(choice(7L, -1.0, -2.0))).isEqualTo(0.0);
    assertThat(acc.remark(choice(7L, -1.0, -2.0))).contains("goldOutsideChoices");
  }

  @Test
  void exactMatchDeletesOnBothSides() {
    var arguments =
        Map.<String, Object>of(
            "ignore_case", true, "regexes_to_ignore", List.of(",", "\\$", "(?s).*#### "));
    assertThat(make(ExactMatch.KIND, arguments).score(generated("so it is\n#### 1,000", "$1000")))
        .isEqualTo(1.0);
    assertThat(make(ExactMatch.KIND, Map.of()).score(generated("A", "a"))).isEqualTo(0.0);
  }

  @Test
  void anUnknownArgumentIsNamedWithTheKnownOnes() {
    assertThatThrownBy(() -> make(ExactMatch.KIND, Map.of("ignore_cases", true)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("ignore_cases")
        .hasMessageContaining("ignore_case, ignore_numbers");
  }

  private static Number score(MetricKind kind, String gold, String answer) {
    return make(kind, Map.of()).score(generated(gold, answer));
  }

  private static Metric make(MetricKind kind, Map<String, Object> values) {
    var arguments = new Arguments("here", values);
    Metric metric = kind.make().apply(arguments);
    arguments.checkAllRead();
    return metric;
  }

  private static ScoredDocument generated(Object gold, String answer) {
    return new ScoredDocument(gold, List.of(), List.of(), List.of(), Optional.of(answer));
  }

  private static ScoredDocument choice(Object gold, double first, double second) {
    return new ScoredDocument(
        gold, List.of("a", "b"), List.of(first, second), List.of(false, false), Optional.empty());
  }
}
