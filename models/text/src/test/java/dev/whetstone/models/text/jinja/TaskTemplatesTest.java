package dev.whetstone.models.text.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Benchmark templates, as lm-evaluation-harness 0.4.13 renders them. */
class TaskTemplatesTest {
  private static final Map<String, Object> DOCUMENT =
      Map.of(
          "question",
          "Why? [edit] ",
          "choices",
          List.of("it's", "b"),
          "label",
          1L,
          "answers",
          Map.of("text", List.of("x", "y")));

  private static String render(String source) {
    return JinjaTemplate.compile(source, Environment.task()).render(DOCUMENT);
  }

  private static Object evaluate(String source) {
    return JinjaTemplate.compile(source, Environment.task()).evaluate(DOCUMENT);
  }

  @Test
  void whiteSpaceStaysAsWritten() {
    assertThat(render("A\n  {% if true %}\nB\n  {% endif %}\n")).isEqualTo("A\n  \nB\n  \n");
    assertThat(render("Q: {{question.strip()}}\nA:")).isEqualTo("Q: Why? [edit]\nA:");
  }

  @Test
  void regexReplaceReplacesEveryMatch() {
    assertThat(render("{{ question | regex_replace('\\\\[.*?\\\\]', '') }}")).isEqualTo("Why?  ");
  }

  @Test
  void aMissingValueRaisesWhereItIsUsed() {
    assertThatThrownBy(() -> render("{{ nope }}"))
        .isInstanceOf(JinjaException.class)
        .hasMessageContaining("nope");
    assertThatThrownBy(() -> render("{{ 'x' if nope else 'y' }}"))
        .isInstanceOf(JinjaException.class);
    assertThatThrownBy(() -> render("{% for x in nope %}{% endfor %}"))
        .isInstanceOf(JinjaException.class);
    assertThat(render("{{ nope is defined }} {{ nope | default('d') }}")).isEqualTo("False d");
  }

  @Test
  void aSingleExpressionKeepsItsType() {
    assertThat(evaluate("{{ choices }}")).isEqualTo(List.of("it's", "b"));
    assertThat(evaluate("{{ label }}")).isEqualTo(1L);
    assertThat(evaluate("{{ choices[label] }}")).isEqualTo("b");
    assertThat(evaluate("{{ answers.text }}")).isEqualTo(List.of("x", "y"));
    assertThat(evaluate(" {{ label }}")).isEqualTo(" 1");
  }

  @Test
  void aRenderedListCanBeReadBack() {
    assertThat(PythonLiteral.parse(render("{{ choices }}"))).isEqualTo(List.of("it's", "b"));
  }

  @Test
  void literalsHavePythonsValues() {
    assertThat(PythonLiteral.parse("[1, -2.5, 'a\\n', None, True, (1,), {'k': [2]}]"))
        .isEqualTo(
            Arrays.asList(1L, -2.5, "a\n", null, true, List.of(1L), Map.of("k", List.of(2L))));
    assertThat(PythonLiteral.parse(" 'a' \"b\" ")).isEqualTo("ab");
    assertThat(PythonLiteral.parse("(1)")).isEqualTo(1L);
    assertThat(PythonLiteral.parse("'\\u00e9\\x41\\U0001F600'")).isEqualTo("éA😀");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "[1", "[1,,2]", "1 + 1", "__import__('os')", "{'a'}}", "'a", "[1] [2]"})
  void whatIsNoLiteralIsRefused(String text) {
    assertThatThrownBy(() -> PythonLiteral.parse(text)).isInstanceOf(JinjaException.class);
  }
}
