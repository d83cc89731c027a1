import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.jinja.Environment;
import dev.whetstone.models.text.jinja.JinjaException;
import dev.whetstone.models.text.jinja.JinjaTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Renders a file of cases ({@code template}, {@code variables}; JSON Lines) and writes, a line
 * each, {@code text} and {@code spans} in code points, or {@code error}. For check_templates.py.
 */
public final class RenderTemplates {
  public static void main(String... args) throws Exception {
    var compiled = new LinkedHashMap<String, JinjaTemplate>();
    try (var out = Files.newBufferedWriter(Path.of(args[1]))) {
      for (String line : Files.readAllLines(Path.of(args[0]))) {
        out.write(Json.line(render(Json.mapper().readTree(line), compiled)));
        out.newLine();
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> render(
      JsonNode testCase, Map<String, JinjaTemplate> compiled) {
    String source = testCase.get("template").asText();
    Map<String, Object> variables =
        Json.mapper().convertValue(testCase.get("variables"), Map.class);
    try {
      JinjaTemplate template = compiled.get(source);
      if (template == null) {
        template = JinjaTemplate.compile(source, Environment.chat());
        compiled.put(source, template);
      }
      var rendered = template.renderWithSpans(variables);
      String text = rendered.text();
      List<int[]> spans =
          rendered.spans().stream()
              .map(
                  s ->
                      new int[] {
                        text.codePointCount(0, s.start()), text.codePointCount(0, s.end())
                      })
              .toList();
      return Map.of("text", text, "spans", spans);
    } catch (JinjaException e) {
      return Map.of("error", e.getMessage());
    }
  }
}
