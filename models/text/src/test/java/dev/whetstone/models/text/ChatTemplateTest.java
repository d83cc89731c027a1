package dev.whetstone.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.models.text.ChatTemplate.RenderedChat;
import dev.whetstone.models.text.LossMask.Labelled;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
  /** SmolLM2's way: a system message of its own where there is none. */
  private static final String IM =
      """
      {% for m in messages %}{% if loop.first and m.role != 'system' %}<|im_start|>system
      Be brief.<|im_end|>
      {% endif %}{{ '<|im_start|>' ~ m.role ~ '\\n' ~ m.content ~ '<|im_end|>\\n' }}{% endfor %}\
      {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}\
      """;

  /** Llama 3's way: a head in two special tokens, no line break after the end of a turn. */
  private static final String HEADER =
      """
      {{- bos_token }}{% for m in messages %}{{ '<|head|>' + m['role'] + '<|/head|>\\n\\n' + m['content'] | trim + '<|eot|>' }}{% endfor %}\
      {% if add_generation_prompt %}{{ '<|head|>assistant<|/head|>\\n\\n' }}{% endif %}\
      """;

  /** Qwen's way: tools in the system message, tool results in a user turn. */
  private static final String TOOLS =
      """
      {%- if tools %}{{- '<|im_start|>system\\n' }}{% for t in tools %}{{ t | tojson }}{{ '\\n' }}{% endfor %}{{- '<|im_end|>\\n' }}{% endif %}
      {%- for m in messages %}
      {%- if m.role == 'tool' %}{{- '<|im_start|>user\\n<r>' + m.content + '</r><|im_end|>\\n' }}
      {%- elif m.tool_calls %}{{- '<|im_start|>assistant\\n' }}{% for c in m.tool_calls %}{{ '<c>' ~ (c.function | tojson) ~ '</c>' }}{% endfor %}{{- '<|im_end|>\\n' }}
      {%- else %}{{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}\
      """;

  private static final List<Map<String, Object>> TWO_TURNS =
      List.of(user("2 + 2?"), assistant("4"), user("und 中文?"), assistant("😀 ja"));

  private static Map<String, Object> user(String content) {
    return Map.of("role", "user", "content", content);
  }

  private static Map<String, Object> assistant(String content) {
    return Map.of("role", "assistant", "content", content);
  }

  private static ChatTemplate template(String source) {
    return ChatTemplate.of(source, Map.of("bos_token", "<s>"));
  }

  private static List<String> answers(RenderedChat chat) {
    return chat.assistant().stream().map(s -> chat.text().substring(s.start(), s.end())).toList();
  }

  @Test
  void anAnswerEndsWithItsEndOfTurnTokenAndNotTheLineBreakAfterIt() {
    assertThat(answers(template(IM).renderForTraining(TWO_TURNS, List.of())))
        .containsExactly("4<|im_end|>", "😀 ja<|im_end|>");
    assertThat(answers(template(HEADER).renderForTraining(TWO_TURNS, List.of())))
        .containsExactly("4<|eot|>", "😀 ja<|eot|>");
  }

  @Test
  void specialTokensAreVariables() {
    assertThat(template(HEADER).render(List.of(user(" hi ")), List.of(), true))
        .isEqualTo("<s><|head|>user<|/head|>\n\nhi<|eot|><|head|>assistant<|/head|>\n\n");
  }

  @Test
  void toolCallsOfTheAssistantAreLearnedAndToolResultsAreNot() {
    Map<String, Object> call =
        Map.of("function", Map.of("name", "sum", "arguments", Map.of("a", 2)));
    var messages =
        List.of(
            user("2 + 2?"),
            Map.<String, Object>of("role", "assistant", "tool_calls", List.of(call)),
            Map.<String, Object>of("role", "tool", "content", "4"),
            assistant("Vier."));
    RenderedChat chat =
        template(TOOLS).renderForTraining(messages, List.of(Map.of("name", "sum", "für", "é")));
    assertThat(chat.text()).startsWith("<|im_start|>system\n{").contains("é").contains("<r>4</r>");
    assertThat(answers(chat)).hasSize(2);
    assertThat(answers(chat).get(0)).startsWith("<c>{").endsWith("</c><|im_end|>");
    assertThat(answers(chat).get(1)).isEqualTo("Vier.<|im_end|>");
  }

  @Test
  void generationBlocksDecideWhereATemplateHasThem() {
    String source =
        "{% for m in messages %}[{{ m.role }}]{% if m.role == 'assistant' %}{% generation %}"
            + "{{ m.content }}!{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}";
    assertThat(answers(template(source).renderForTraining(TWO_TURNS, List.of())))
        .containsExactly("4!", "😀 ja!");
  }

  @Test
  void aTemplateThatRewritesEarlierAnswersIsRefused() {
    String source =
        "{% for m in messages %}<{{ m.role }}>{{ m.content if loop.last else '...' }};{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";
    assertThatThrownBy(() -> template(source).renderForTraining(TWO_TURNS, List.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("message 2")
        .hasMessageContaining("{% generation %}");
  }

  @Test
  void anEmptyAnswerWithoutEndOfTurnTokenLeavesNothingToLearn() {
    String source =
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
            + "{% if add_generation_prompt %}assistant: {% endif %}";
    var messages = List.of(user("hi"), assistant(""), user("?"), assistant("yes"));
    RenderedChat chat = template(source).renderForTraining(messages, List.of());
    assertThat(answers(chat)).containsExactly("", "yes");
  }

  @Test
  void nullValuesAreAbsentAndReasoningHasEveryName() {
    var message = new LinkedHashMap<String, Object>();
    message.put("role", "assistant");
    message.put("content", null);
    message.put("reasoning", "because");
    String source =
        "{% for k in messages[0] %}{{ k }},{% endfor %}{{ messages[0].content is defined }}"
            + " {{ messages[0].thinking }} {{ messages[0].reasoning_content }}";
    assertThat(template(source).render(List.of(message), List.of(), false))
        .isEqualTo("thinking,role,reasoning,reasoning_content,False because because");
  }

  @Test
  void faultsOfConversationAndTemplateAreSentences() {
    assertThatThrownBy(() -> template(IM).render(List.of(), List.of(), false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("at least one message");
    assertThatThrownBy(
            () ->
                template("a\n{{ raise_exception('roles must alternate') }}")
                    .render(TWO_TURNS, List.of(), false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("roles must alternate")
        .hasMessageContaining("line 2");
    assertThatThrownBy(() -> template("{% include 'x' %}"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("include");
    assertThatThrownBy(
            () ->
                template("{{ 'a' + messages[0].content }}")
                    .render(List.of(Map.of("role", "user")), List.of(), false))
        .isInstanceOf(BadInputException.class);
  }

  @Test
  void templateTextInAMessageIsText() {
    String hostile = "{{ 7 * 7 }} {% raw %} {# x #}";
    assertThat(template(IM).render(List.of(user(hostile)), List.of(), false)).contains(hostile);
  }

  @Test
  void maskCoversTheAnswersAndTheirEndOfTurnTokens(@TempDir Path folder) throws IOException {
    TinyTokenizer.write(folder);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      ChatTemplate template = template(Files.readString(folder.resolve("chat_template.jinja")));
      RenderedChat chat = template.renderForTraining(TWO_TURNS, List.of());
      Labelled row = LossMask.assistant(chat, new double[] {1, 1}, tokenizer);
      assertThat(tokenizer.decode(row.tokens(), false)).isEqualTo(chat.text());
      assertThat(tokenizer.decode(targets(row), false)).isEqualTo("4<|im_end|>😀 ja<|im_end|>");
      for (int t = 0; t < row.tokens().length; t++) {
        assertThat(row.labels()[t]).isIn(LossMask.IGNORED, row.tokens()[t]);
      }
    }
  }

  @Test
  void allButTheFirstTokenAreTargetsWhereEveryTokenCounts(@TempDir Path folder) {
    TinyTokenizer.write(folder);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      Labelled row = all("the end", tokenizer);
      assertThat(row.labels()[0]).isEqualTo(LossMask.IGNORED);
      assertThat(targets(row)).isEqualTo(Arrays.copyOfRange(row.tokens(), 1, row.tokens().length));
      assertThat(all("", tokenizer).labels()).isEmpty();
    }
  }

  private static Labelled all(String text, Tokenizer tokenizer) {
    return LossMask.all(new RenderedChat(text, List.of()), new double[0], tokenizer);
  }

  private static int[] targets(Labelled row) {
    return IntStream.of(row.labels()).filter(label -> label != LossMask.IGNORED).toArray();
  }
}
