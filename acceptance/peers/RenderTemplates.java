import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.ChatTemplate.RenderedChat;
import dev.whetstone.models.text.jinja.Environment;
import dev.whetstone.models.text.jinja.JinjaException;
import dev.whetstone.models.text.jinja.JinjaTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Renders a file of cases (JSON Lines) and writes, a line each, {@code text} and {@code spans} in
 * code points, or {@code error}. For check_templates.py. A case has {@code template} and either
 * {@code variables}, which the interpreter gets as they are, or {@code messages}, {@code tools} and
 * {@code prompt} for a chat template; {@code training} asks for the spans that are to be learned.
 */
public final class RenderTemplates {
  private static final Map<String, String> SPECIAL =
      Map.of("bos_token", "<s>", "eos_token", "</s>");

  public static void main(String... args) throws Exception {
    var compiled = new LinkedHashMap<String, JinjaTemplate>();
    var chats = new LinkedHashMap<String, ChatTemplate>();
    try (var out = Files.newBufferedWriter(Path.of(args[1]))) {
      for (String line : Files.readAllLines(Path.of(args[0]))) {
        JsonNode testCase = Json.mapper().readTree(line);
        try {
          out.write(
              Json.line(
                  testCase.has("variables")
                      ? interpreted(testCase, compiled)
                      : chat(testCase, chats)));
        } catch (JinjaException | BadInputException e) {
          out.write(Json.line(Map.of("error", e.getMessage())));
        }
        out.newLine();
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> interpreted(
      JsonNode testCase, Map<String, JinjaTemplate> compiled) {
    String source = testCase.get("template").asText();
    Map<String, Object> variables =
        Json.mapper().convertValue(testCase.get("variables"), Map.class);
    JinjaTemplate template = compiled.get(source);
    if (template == null) {
      template = JinjaTemplate.compile(source, Environment.chat());
      compiled.put(source, template);
    }
    var rendered = template.renderWithSpans(variables);
    return result(
        rendered.text(),
        rendered.spans().stream().map(s -> new int[] {s.start(), s.end()}).toList());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> chat(JsonNode testCase, Map<String, ChatTemplate> chats) {
    ChatTemplate template =
        chats.computeIfAbsent(
            testCase.get("template").asText(), source -> ChatTemplate.of(source, SPECIAL));
    List<Map<String, Object>> messages =
        Json.mapper().convertValue(testCase.get("messages"), List.class);
    List<Map<String, Object>> tools = Json.mapper().convertValue(testCase.get("tools"), List.class);
    if (!testCase.path("training").asBoolean()) {
      return Map.of("text", template.render(messages, tools, testCase.get("prompt").asBoolean()));
    }
    RenderedChat chat = template.renderForTraining(messages, tools);
    return result(
        chat.text(),
        chat.assistant().stream().map(s -> new int[] {s.start(), s.end()}).toList());
  }

  private static Map<String, Object> result(String text, List<int[]> spans) {
    return Map.of(
        "text",
        text,
        "spans",
        spans.stream()
            .map(s -> new int[] {text.codePointCount(0, s[0]), text.codePointCount(0, s[1])})
            .toList());
  }
}
