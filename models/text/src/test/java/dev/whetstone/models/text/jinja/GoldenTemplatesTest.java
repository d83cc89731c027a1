package dev.whetstone.models.text.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Renders one-feature templates as transformers does, and raises where it raises. The golden file
 * is made by {@code src/test/python/make_jinja_golden.py}; it names the versions of transformers
 * and jinja2.
 */
class GoldenTemplatesTest {
  private static final Clock NOW =
      Clock.fixed(
          ZonedDateTime.of(2026, 11, 4, 9, 5, 3, 0, ZoneOffset.UTC).toInstant(), ZoneOffset.UTC);

  @TestFactory
  Stream<DynamicTest> rendersAsTransformersDoes() throws IOException {
    JsonNode golden;
    try (var in = GoldenTemplatesTest.class.getResourceAsStream("jinja-golden-1.json")) {
      golden = Json.mapper().readTree(in);
    }
    var variables = new HashMap<String, Object>();
    variables.put("messages", Json.mapper().convertValue(golden.get("messages"), Object.class));
    variables.put("tools", null);
    variables.put("documents", null);
    variables.put("add_generation_prompt", true);
    variables.put("bos_token", "<s>");
    return StreamSupport.stream(golden.get("cases").spliterator(), false)
        .map(c -> DynamicTest.dynamicTest(c.get("name").asText(), () -> check(c, variables)));
  }

  private static void check(JsonNode golden, Map<String, Object> variables) {
    String source = golden.get("template").asText();
    if (golden.has("error")) {
      assertThatThrownBy(
              () -> JinjaTemplate.compile(source, Environment.chat(), NOW).render(variables))
          .isInstanceOf(JinjaException.class);
      return;
    }
    var rendered =
        JinjaTemplate.compile(source, Environment.chat(), NOW).renderWithSpans(variables);
    assertThat(rendered.text()).isEqualTo(golden.get("text").asText());
    if (golden.has("spans")) {
      var spans =
          StreamSupport.stream(golden.get("spans").spliterator(), false)
              .map(s -> new Span(s.get(0).asInt(), s.get(1).asInt()))
              .toList();
      assertThat(rendered.spans()).isEqualTo(spans);
    }
  }
}
