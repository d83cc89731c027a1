package dev.whetstone.datasets.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows as datasets hold them, projected to each trainer's shape. */
class ExportFormatTest {
  private static final String CHAT =
      """
      {"id": "a", "messages": [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2", "loss": false},
       {"role": "user", "content": "and 1"}, {"role": "assistant", "content": "3"}]}\
      """;

  private static final String PAIR =
      """
      {"id": "p", "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "good"}],
       "rejected": [{"role": "assistant", "content": "bad"}], "prompt_turns": 1}\
      """;

  private static final String LABELLED =
      """
      {"id": "k", "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "good"}],
       "rejected": null, "prompt_turns": 1, "label": false}\
      """;

  private static final String TOOLS =
      """
      {"id": "t", "tools": "[{\\"type\\": \\"function\\", \\"function\\": {\\"name\\": \\"f\\"}}]", "messages": [
       {"role": "user", "content": "a"},
       {"role": "assistant", "content": "look", "tool_calls":
         "[{\\"function\\": {\\"name\\": \\"f\\", \\"arguments\\": {\\"x\\": 1}}}, {\\"function\\": {\\"name\\": \\"g\\", \\"arguments\\": {}}}]"},
       {"role": "tool", "content": "4", "extra": "{\\"name\\": \\"f\\"}"}, {"role": "tool", "content": "5"},
       {"role": "assistant", "content": "9"}]}\
      """;

  private static ExportFormat format(String key) {
    return ExportFormats.ALL.stream().filter(f -> f.key().equals(key)).findFirst().orElseThrow();
  }

  private static ExportFormat.Line line(String key, String row, LossOn lossOn) throws IOException {
    return format(key).line(ExportRow.of(Json.mapper().readTree(row)), lossOn);
  }

  private static void assertLine(String key, String row, String expected) throws IOException {
    JsonNode line = line(key, row, LossOn.ASSISTANT).object().orElseThrow();
    assertThat(line).isEqualTo(Json.mapper().readTree(expected));
  }

  @Test
  void conversationsKeepTheirTurns() throws IOException {
    String turns =
        """
        [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2"%s},
         {"role": "user", "content": "and 1"}, {"role": "assistant", "content": "3"}]\
        """;
    assertLine(
        "messages",
        CHAT,
        "{\"id\": \"a\", \"messages\": " + turns.formatted(", \"loss\": false") + "}");
    assertLine("trl", CHAT, "{\"messages\": " + turns.formatted("") + "}");
    assertLine("llama-factory", CHAT, "{\"messages\": " + turns.formatted("") + "}");
    assertLine("ms-swift", CHAT, "{\"messages\": " + turns.formatted(", \"loss\": false") + "}");
    assertLine("openai", CHAT, "{\"messages\": " + turns.formatted(", \"weight\": 0") + "}");
    assertThat(line("trl", CHAT, LossOn.ASSISTANT).complaint())
        .contains("train on all answers alike");
  }

  @Test
  void whatATurnCountsGoesWhereATrainerKnowsIt() throws IOException {
    String row = CHAT.replace("\"2\", \"loss\": false", "\"2\", \"loss\": true, \"weight\": 0.5");
    assertThat(line("messages", row, LossOn.ASSISTANT).object().orElseThrow().at("/messages/1"))
        .isEqualTo(
            Json.mapper()
                .readTree(
                    "{\"role\": \"assistant\", \"content\": \"2\", \"loss\": true, \"weight\":"
                        + " 0.5}"));
    assertThat(
            line("ms-swift", row, LossOn.ASSISTANT)
                .object()
                .orElseThrow()
                .at("/messages/1/loss_scale")
                .asDouble())
        .isEqualTo(0.5);
    ExportFormat.Line openAi = line("openai", row, LossOn.ASSISTANT);
    assertThat(openAi.object()).isEmpty();
    assertThat(openAi.complaint()).contains("neither 0 nor 1");
    assertThat(line("trl", row, LossOn.ASSISTANT).object().orElseThrow().at("/messages/1"))
        .hasSize(2);
  }

  @Test
  void onlyTheLastAnswerIsTheCompletion() throws IOException {
    JsonNode trl = line("trl", CHAT, LossOn.COMPLETION).object().orElseThrow();
    assertThat(trl.get("prompt")).hasSize(3);
    assertThat(trl.get("completion")).hasSize(1);
    assertThat(trl.at("/completion/0/content").asText()).isEqualTo("3");
  }

  @Test
  void pairsAndLabelsHaveTheColumnsOfTheirTrainers() throws IOException {
    String user = "{\"role\": \"user\", \"content\": \"hi\"}";
    String good = "{\"role\": \"assistant\", \"content\": \"good\"}";
    String bad = good.replace("good", "bad");
    assertLine(
        "trl",
        PAIR,
        "{\"prompt\": [%s], \"chosen\": [%s], \"rejected\": [%s]}".formatted(user, good, bad));
    assertLine(
        "llama-factory",
        PAIR,
        "{\"messages\": [%s], \"chosen\": %s, \"rejected\": %s}".formatted(user, good, bad));
    assertLine(
        "ms-swift",
        PAIR,
        "{\"messages\": [%s, %s], \"rejected_messages\": [%s, %s]}"
            .formatted(user, good, user, bad));
    assertLine(
        "openai",
        PAIR,
        "{\"input\": {\"messages\": [%s]}, \"preferred_output\": [%s], \"non_preferred_output\": [%s]}"
            .formatted(user, good, bad));
    assertLine(
        "trl",
        LABELLED,
        "{\"prompt\": [%s], \"completion\": [%s], \"label\": false}".formatted(user, good));
    assertLine(
        "ms-swift", LABELLED, "{\"messages\": [%s, %s], \"label\": false}".formatted(user, good));
    assertThat(line("openai", LABELLED, LossOn.ASSISTANT).object()).isEmpty();
  }

  @Test
  void callsAreSpelledAsEachTrainerReadsThem() throws IOException {
    JsonNode factory = line("llama-factory", TOOLS, LossOn.ASSISTANT).object().orElseThrow();
    assertThat(factory.get("messages").findValuesAsText("role"))
        .containsExactly("user", "function_call", "observation", "assistant");
    assertThat(factory.at("/messages/1/content").asText())
        .isEqualTo("[{\"name\":\"f\",\"arguments\":{\"x\":1}},{\"name\":\"g\",\"arguments\":{}}]");
    assertThat(line("llama-factory", TOOLS, LossOn.ASSISTANT).complaint()).contains("left out");
    JsonNode swift = line("ms-swift", TOOLS, LossOn.ASSISTANT).object().orElseThrow();
    assertThat(swift.get("messages").findValuesAsText("role"))
        .containsExactly(
            "user",
            "assistant",
            "tool_call",
            "tool_call",
            "tool_response",
            "tool_response",
            "assistant");
    assertThat(swift.get("tools").isTextual()).isTrue();
    JsonNode openai = line("openai", TOOLS, LossOn.ASSISTANT).object().orElseThrow();
    assertThat(openai.at("/messages/1/tool_calls/0/function/arguments").asText())
        .isEqualTo("{\"x\":1}");
    for (int result = 0; result < 2; result++) {
      assertThat(openai.at("/messages/" + (2 + result) + "/tool_call_id"))
          .as("every result names its call")
          .isEqualTo(openai.at("/messages/1/tool_calls/" + result + "/id"));
    }
    assertThat(openai.get("tools").isArray()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "user assistant, true",
    "system user assistant user assistant, true",
    "user assistant user, false",
    "assistant user assistant, false",
    "user user assistant, false",
    "system, false",
    "user assistant tool assistant, true",
  })
  void llamaFactoryWantsTurnsToAlternate(String roles, boolean alternate) throws IOException {
    var turns = Json.mapper().createArrayNode();
    for (String role : roles.split(" ", -1)) {
      turns.addObject().put("role", role).put("content", "x");
    }
    var row = Json.mapper().createObjectNode().set("messages", turns);
    assertThat(LlamaFactoryFormat.alternates(ExportRow.of(row))).isEqualTo(alternate);
  }
}
