package dev.whetstone.models.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BOS and EOS are added as tokenizer.json says, and never twice. */
class SpecialTokensTest {
  private static final String BOS = TinyTokenizer.TURN_START;
  private static final String EOS = TinyTokenizer.TURN_END;

  @TempDir Path folder;

  /** The tiny tokenizer with a template around a text: some of BOS, EOS. */
  private Tokenizer tokenizer(boolean begins, boolean ends, Map<String, Object> configuration) {
    TinyTokenizer.write(folder);
    var json = (ObjectNode) Json.read(folder.resolve("tokenizer.json"));
    var config = (ObjectNode) Json.read(folder.resolve("tokenizer_config.json"));
    config.setAll((ObjectNode) Json.mapper().valueToTree(configuration));
    if (begins || ends) {
      var single = new ArrayList<Object>();
      var special = new LinkedHashMap<String, Object>();
      if (begins) {
        single.add(special(BOS, special, json));
      }
      single.add(TokenizerJson.object("Sequence", TokenizerJson.object("id", "A", "type_id", 0)));
      if (ends) {
        single.add(special(EOS, special, json));
      }
      json.set(
          "post_processor",
          Json.mapper()
              .valueToTree(
                  TokenizerJson.object(
                      "type", "TemplateProcessing",
                      "single", single,
                      "pair", single,
                      "special_tokens", special)));
    }
    return Tokenizer.of(Json.line(json).getBytes(StandardCharsets.UTF_8), config);
  }

  private static Object special(String token, Map<String, Object> special, JsonNode json) {
    int id = json.at("/model/vocab").get(token).intValue();
    special.put(
        token, TokenizerJson.object("id", token, "ids", List.of(id), "tokens", List.of(token)));
    return TokenizerJson.object("SpecialToken", TokenizerJson.object("id", token, "type_id", 0));
  }

  private static String encoded(Tokenizer tokenizer, String text, boolean special) {
    int[] tokens = tokenizer.encode(text, special);
    assertThat(tokenizer.encodeWithOffsets(text, special).tokens()).isEqualTo(tokens);
    return String.join(" ", Arrays.stream(tokens).mapToObj(tokenizer::tokenText).toList());
  }

  @Test
  void whatThePostProcessorSaysIsAddedOnRequestOnly() {
    try (Tokenizer both = tokenizer(true, true, Map.of())) {
      assertThat(encoded(both, "x", true)).isEqualTo(BOS + " x " + EOS);
      assertThat(encoded(both, "x", false)).isEqualTo("x");
      assertThat(encoded(both, "", true)).isEqualTo(BOS + " " + EOS);
    }
    try (Tokenizer begins = tokenizer(true, false, Map.of())) {
      assertThat(encoded(begins, "x", true)).isEqualTo(BOS + " x");
    }
    try (Tokenizer ends = tokenizer(false, true, Map.of())) {
      assertThat(encoded(ends, "x", true)).isEqualTo("x " + EOS);
    }
  }

  @Test
  void theConfigurationBesideItAddsNothing() {
    var wants = Map.<String, Object>of("add_bos_token", true, "add_eos_token", true);
    try (Tokenizer none = tokenizer(false, false, wants)) {
      assertThat(encoded(none, "x", true)).isEqualTo("x");
    }
    var refuses = Map.<String, Object>of("add_bos_token", false);
    try (Tokenizer begins = tokenizer(true, false, refuses)) {
      assertThat(encoded(begins, "x", true)).isEqualTo(BOS + " x");
    }
  }

  @Test
  void aTextThatHasThemGetsNoSecondOnes() {
    try (Tokenizer both = tokenizer(true, true, Map.of())) {
      assertThat(encoded(both, BOS + "x", true)).isEqualTo(BOS + " x " + EOS);
      assertThat(encoded(both, "x" + EOS, true)).isEqualTo(BOS + " x " + EOS);
      assertThat(encoded(both, BOS + "x" + EOS, true)).isEqualTo(BOS + " x " + EOS);
      assertThat(encoded(both, BOS, true)).isEqualTo(BOS + " " + EOS);
    }
    try (Tokenizer none = tokenizer(false, false, Map.of())) {
      // What the text says twice is not the tokenizer's doing.
      assertThat(encoded(none, BOS + BOS + "x", true)).isEqualTo(BOS + " " + BOS + " x");
    }
  }

  /** CLIP's unknown token is its EOS: a text that ends in one still gets EOS. */
  @Test
  void anUnknownPieceWithTheIdOfEosIsNotEos() {
    TinyTokenizer.write(folder);
    String json =
        """
        {"version": "1.0", "model": {"type": "WordLevel", "unk_token": "</s>", "vocab": {"</s>": 0, "x": 1}},
         "post_processor": {"type": "BertProcessing", "sep": ["</s>", 0], "cls": ["</s>", 0]}}
        """;
    JsonNode config = Json.mapper().valueToTree(Map.of("bos_token", "</s>", "eos_token", "</s>"));
    try (Tokenizer tokenizer = Tokenizer.of(json.getBytes(StandardCharsets.UTF_8), config)) {
      assertThat(tokenizer.encode("y", true)).containsExactly(0, 0, 0);
      assertThat(tokenizer.encode("x", true)).containsExactly(0, 1, 0);
    }
  }

  @Test
  void oneTokenForBothGoesBeforeATextOnce() {
    try (Tokenizer begins = tokenizer(true, false, Map.of("eos_token", BOS))) {
      assertThat(encoded(begins, "x" + BOS + BOS, true))
          .isEqualTo(String.join(" ", BOS, "x", BOS, BOS));
      assertThat(encoded(begins, BOS + "x", true)).isEqualTo(BOS + " x");
    }
  }

  @Test
  void aChatTemplateThatWritesBosIsEncodedWithOne() {
    ChatTemplate template =
        ChatTemplate.of(
            "{{ bos_token }}{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}",
            Map.of("bos_token", BOS, "eos_token", EOS));
    List<Map<String, Object>> messages = List.of(Map.of("role", "user", "content", "x"));
    String text = template.render(messages, List.of(), false);
    try (Tokenizer both = tokenizer(true, true, Map.of())) {
      for (boolean special : new boolean[] {false, true}) {
        assertThat(encoded(both, text, special)).isEqualTo(BOS + " x " + EOS);
      }
    }
  }

  @Test
  void offsetsAreThoseOfTheTokensThatAreLeft() {
    try (Tokenizer both = tokenizer(true, true, Map.of())) {
      Tokenizer.Encoded encoded = both.encodeWithOffsets(BOS + "x" + EOS, true);
      assertThat(encoded.starts()).containsExactly(0, BOS.length(), BOS.length() + 1);
      assertThat(encoded.ends()[1]).isEqualTo(BOS.length() + 1);
    }
  }
}
