package dev.whetstone.datasets.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeasuresTest {
  private static double measured(String key, String text) {
    return Measures.ALL.stream()
        .filter(measure -> measure.key().equals(key))
        .findFirst()
        .orElseThrow()
        .of()
        .applyAsDouble(Passage.of(text));
  }

  private static Set<String> refused(Preset preset, Passage passage) {
    double[] scores = Measures.of(passage);
    Map<String, Bound> bounds = Measures.bounds(preset, Map.of());
    return IntStream.range(0, scores.length)
        .filter(i -> bounds.containsKey(Measures.ALL.get(i).key()))
        .filter(i -> bounds.get(Measures.ALL.get(i).key()).refuses(scores[i]))
        .mapToObj(i -> Measures.ALL.get(i).key())
        .collect(Collectors.toSet());
  }

  private static Passage answer(String text) {
    return Passage.ofAnswers(
        Conversation.of("id", List.of(Message.of("user", "?"), Message.of("assistant", text)), ""),
        FlaggedWords.NONE);
  }

  /** datatrove 0.10.0's loops (filters/gopher_repetition_filter.py) on words in a list. */
  private static double plainTopRun(List<String> words, int n, int length) {
    Map<String, Integer> counts = new HashMap<>();
    List<String> order = new ArrayList<>();
    for (int i = 0; i + n <= words.size(); i++) {
      String run = String.join(" ", words.subList(i, i + n));
      order.add(run);
      counts.merge(run, 1, Integer::sum);
    }
    int most = counts.values().stream().mapToInt(c -> c).max().orElse(0);
    if (most < 2) {
      return 0;
    }
    // Of equally frequent ones that which comes to this count first.
    Map<String, Integer> soFar = new HashMap<>();
    for (String run : order) {
      if (soFar.merge(run, 1, Integer::sum) == most) {
        return (double) run.length() * most / length;
      }
    }
    throw new AssertionError();
  }

  private static double plainRepeatedRuns(List<String> words, int n, int length) {
    Set<String> seen = new HashSet<>();
    int repeated = 0;
    for (int i = 0; i + n <= words.size(); ) {
      String run = String.join("\u0000", words.subList(i, i + n));
      if (seen.add(run)) {
        i++;
      } else {
        repeated += run.length() - (n - 1);
        i += n;
      }
    }
    return (double) repeated / length;
  }

  @Test
  void runsAreCountedAsByPlainLoops() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int kinds = random.nextInt(2, 40);
      List<String> words =
          random.ints(random.nextInt(50, 400), 0, kinds).mapToObj(i -> "w" + i * i).toList();
      String text = String.join(" ", words);
      for (int n = 2; n <= 4; n++) {
        assertThat(measured("gopher_top_%d_gram".formatted(n), text))
            .as("seed %d, %d words", seed, n)
            .isCloseTo(plainTopRun(words, n, text.length()), within(1e-12));
      }
      for (int n = 5; n <= 10; n++) {
        assertThat(measured("gopher_repeated_%d_grams".formatted(n), text))
            .as("seed %d, %d words", seed, n)
            .isCloseTo(plainRepeatedRuns(words, n, text.length()), within(1e-12));
      }
    }
  }

  @Test
  void whatIsMeasuredIsWhatOneCountsByHand() {
    String text = "The cat, with #1 hat... sat.\n- and # that\n\n- and # that";
    // The cat , with # 1 hat . . . sat . | - and # that | - and # that
    assertThat(measured("gopher_words", text)).isEqualTo(10);
    assertThat(measured("gopher_mean_word_length", text)).isCloseTo(3.1, within(1e-12));
    assertThat(measured("gopher_hashes", text)).isCloseTo(3 / 20.0, within(1e-12));
    assertThat(measured("gopher_ellipses", text)).isCloseTo(1 / 20.0, within(1e-12));
    assertThat(measured("gopher_bullet_lines", text)).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(measured("gopher_alphabetic_words", text)).isCloseTo(9 / 20.0, within(1e-12));
    assertThat(measured("gopher_stop_words", text)).isEqualTo(3);
    assertThat(measured("fineweb_ended_lines", text)).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(measured("fineweb_short_lines", text)).isOne();
    assertThat(measured("fineweb_line_breaks", text)).isCloseTo(3 / 20.0, within(1e-12));
    assertThat(measured("c4_longest_word", text)).isEqualTo(6);
    assertThat(measured("c4_sentences", "One. Two? Three!")).isEqualTo(3);
    assertThat(measured("gopher_repeated_lines", text)).as("too short to judge").isNaN();
    String line = "ten words that are said again and again every day\n";
    assertThat(measured("gopher_repeated_lines", line.repeat(6))).isCloseTo(5 / 6.0, within(1e-12));
    assertThat(measured("gopher_repeated_line_characters", line.repeat(6)))
        .isCloseTo(5.0 * (line.length() - 1) / (6 * line.length()), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "42",
        "{\"a\": {\"b\": [1, 2, {\"c\": 3}]}}",
        "# Title\n\n## One\n\n- first\n- second\n- third\n\n## Two\n\n1. a\n2. b\n",
        "x = 3\ny = 4\nx + y = 7\n#### 7",
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 1 | 3 |\n",
        "Roses are red\nViolets are blue...\nSugar is sweet...\nAnd so are you...",
        "Here it is:\n```java\nfor (;;) {\n  }\n  }\n  }\n  }\n}\n```\nThat is all.",
        "I cannot help with that."
      })
  void answersOfManyKindsAreKept(String text) {
    assertThat(refused(Preset.CHAT, answer(text))).isEmpty();
  }

  @Test
  void rulesMadeForSpacesJudgeNoTextWithoutThem() {
    String chinese = "机器学习是人工智能的一个分支，它使用算法和统计模型，让计算机系统能够从数据中学习。".repeat(3);
    String japanese = "機械学習とは、データから規則を学ぶ方法のことです。多くの分野で使われています。";
    assertThat(refused(Preset.CHAT, answer(chinese))).isEmpty();
    assertThat(refused(Preset.CHAT, answer(japanese))).isEmpty();
    assertThat(measured("gopher_words", chinese)).isNaN();
    assertThat(measured("gopher_top_2_gram", chinese)).isNaN();
    assertThat(measured("c4_longest_word", chinese)).isNaN();
    assertThat(measured("fineweb_ended_lines", chinese)).isOne();
    String korean = "기계 학습은 데이터에서 규칙을 배우는 방법이다. 많은 분야에서 쓰인다.";
    assertThat(measured("gopher_words", korean)).as("Korean writes spaces").isEqualTo(9);
  }

  @Test
  void whatRepeatsItselfGoes() {
    assertThat(refused(Preset.CHAT, answer("I am sorry, I cannot help with that. ".repeat(20))))
        .contains("gopher_repeated_10_grams");
    assertThat(refused(Preset.CHAT, answer("Lorem ipsum dolor sit amet.")))
        .contains("c4_lorem_ipsum");
    assertThat(refused(Preset.WEB, answer("{ }"))).contains("c4_braces", "gopher_words");
    assertThat(refused(Preset.NONE, answer("a ".repeat(900)))).isEmpty();
  }

  @Test
  void nothingIsMeasuredOfNothingWithoutAnError() {
    for (String text : List.of("", " \n", "```\ncode\n```", "\u0301", "\uD800", "…")) {
      assertThat(Measures.of(answer(text))).hasSize(Measures.ALL.size());
      assertThat(refused(Preset.CHAT, answer(text))).as(text).isEmpty();
    }
  }

  @Test
  void anUnknownMeasureListsTheKnownOnes() {
    assertThatThrownBy(() -> Measures.bounds(Preset.CHAT, Map.of("gopher", Bound.NONE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown measure \"gopher\"; known: gopher_words, ")
        .hasMessageContaining("c4_longest_word");
    assertThat(Measures.bounds(Preset.CHAT, Map.of("c4_lorem_ipsum", Bound.NONE)))
        .doesNotContainKey("c4_lorem_ipsum");
  }

  /** Real text of four scripts: what a rule made for spaces says of it, and what is kept. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // XCOPA, Chinese and Thai; the others were written for this test.
        "那人打开水龙头。水从水龙头喷口流出。这个女孩在麦片粥中发现了一个虫子。她没了食欲。",
        "ผู้ชายเปิดก๊อกน้ำ น้ำไหลออกจากก๊อก เด็กผู้หญิงพบแมลงในซีเรียลของเธอ เธอหมดความอยากอาหาร",
        "男が蛇口をひねると、水が流れ出した。女の子はシリアルの中に虫を見つけて、食欲をなくした。",
        "使い方：まずPythonのバージョンを確認し、次にpip installを実行します。以上です。"
      })
  void noRuleMadeForSpacesJudgesTextWithoutThem(String text) {
    for (String answer : List.of(text, text.repeat(8))) {
      double[] scores = Measures.of(answer(answer));
      Set<String> judging =
          Set.of(
              "gopher_bullet_lines",
              "gopher_ellipsis_lines",
              "fineweb_ended_lines",
              "fineweb_short_lines",
              "fineweb_repeated_line_characters",
              "c4_sentences",
              "c4_braces",
              "c4_lorem_ipsum",
              "c4_javascript_lines",
              "c4_policy_lines");
      for (int i = 0; i < scores.length; i++) {
        String key = Measures.ALL.get(i).key();
        boolean oflines =
            judging.contains(key) || key.matches("gopher_repeated_(line|paragraph).*");
        assertThat(oflines || Double.isNaN(scores[i])).as("%s: %s", key, scores[i]).isTrue();
      }
      assertThat(refused(Preset.CHAT, answer(answer))).isEmpty();
    }
  }

  @Test
  void koreanIsJudgedByItsWordsWhichAreShort() {
    String text =
        "남자가 수도꼭지를 틀자 물이 흘러나왔다. 여자아이는 시리얼에서 벌레를 발견하고 입맛을 잃었다."
            + " 그 여자는 은퇴해서 연금을 받았고 에너지를 아끼려고 빈 방의 불을 껐다.";
    assertThat(measured("gopher_words", text)).isEqualTo(22);
    assertThat(measured("gopher_mean_word_length", text)).isBetween(2.0, 4.0);
    assertThat(refused(Preset.CHAT, answer(text))).isEmpty();
    assertThat(refused(Preset.WEB, answer(text)))
        .as("made for English: at least 50 words, of 3 letters on average, some of them English")
        .contains("gopher_words", "gopher_stop_words");
  }
}
