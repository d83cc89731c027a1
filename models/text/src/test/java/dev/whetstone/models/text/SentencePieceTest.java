package dev.whetstone.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SentencePiece vocabularies by Hugging Face's tokenizers. {@code
 * src/test/python/make_sentencepiece_golden.py} made the files and what sentencepiece computes; it
 * names the version and the seed.
 */
class SentencePieceTest {
  @TempDir Path folder;

  private static byte[] model(String kind) throws IOException {
    try (var in =
        SentencePieceTest.class.getResourceAsStream("sentencepiece-" + kind + "-1.model")) {
      return in.readAllBytes();
    }
  }

  private static JsonNode golden() throws IOException {
    try (var in = SentencePieceTest.class.getResourceAsStream("sentencepiece-golden-1.json")) {
      return Json.mapper().readTree(in);
    }
  }

  private static Tokenizer open(byte[] model) {
    byte[] json =
        Json.line(SentencePieceModel.read(model).tokenizerJson(null))
            .getBytes(StandardCharsets.UTF_8);
    return Tokenizer.of(json, Json.mapper().createObjectNode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "nfkc", "bare"})
  void idsAreThoseOfSentencePiece(String kind) throws IOException {
    JsonNode golden = golden();
    try (Tokenizer tokenizer = open(model(kind))) {
      for (int i = 0; i < golden.get("texts").size(); i++) {
        String text = golden.get("texts").get(i).textValue();
        int[] expected =
            Json.mapper().convertValue(golden.at("/ids/" + kind + "/" + i), int[].class);
        assertThat(tokenizer.encode(text, true)).as("\"%s\"", text).isEqualTo(expected);
      }
    }
  }

  @Test
  void decodingUndoesEncodingWhereNothingIsNormalised() throws IOException {
    for (String kind : List.of("identity", "bare")) {
      try (Tokenizer tokenizer = open(model(kind))) {
        for (JsonNode text : golden().get("texts")) {
          int[] tokens = tokenizer.encode(text.textValue(), false);
          assertThat(tokenizer.decode(tokens, false).replace('\u2581', ' '))
              .isEqualTo(text.textValue().replace('\u2581', ' '));
        }
      }
    }
  }

  private Tokenizer chatGlm(Map<String, Object> more) throws IOException {
    Files.write(folder.resolve("tokenizer.model"), model("identity"));
    var config = Json.mapper().createObjectNode().put("tokenizer_class", "ChatGLMTokenizer");
    config.setAll((com.fasterxml.jackson.databind.node.ObjectNode) Json.mapper().valueToTree(more));
    Files.writeString(folder.resolve("tokenizer_config.json"), Json.line(config));
    return Tokenizer.open(folder);
  }

  @Test
  void chatGlmsSpecialTokensFollowTheVocabulary() throws IOException {
    int vocabulary = SentencePieceModel.read(model("identity")).pieces().size();
    try (Tokenizer tokenizer = chatGlm(Map.of())) {
      int[] tokens = tokenizer.encode("<|user|>\n the order", true);
      assertThat(tokens).startsWith(vocabulary + 1, vocabulary + 3, vocabulary + 6);
      assertThat(tokenizer.tokenText(vocabulary + 7)).isEqualTo("<|assistant|>");
      assertThat(tokenizer.vocabularySize()).isEqualTo(vocabulary + 9);
      assertThat(tokenizer.decode(Arrays.copyOfRange(tokens, 3, tokens.length), true))
          .isEqualTo("\n the order");
      assertThat(tokenizer.tokenText(tokenizer.eos().orElseThrow())).isEqualTo("</s>");
    }
  }

  @Test
  void aConfigurationThatListsSpecialTokensDecides() throws IOException {
    int vocabulary = SentencePieceModel.read(model("identity")).pieces().size();
    var listed =
        Map.of(
            Integer.toString(vocabulary), Map.of("content", "sop"),
            Integer.toString(vocabulary + 1), Map.of("content", "[gMASK]"));
    try (Tokenizer tokenizer = chatGlm(Map.of("added_tokens_decoder", listed))) {
      assertThat(tokenizer.encode("", true)).containsExactly(vocabulary + 1, vocabulary);
    }
    var hole = Map.of("9999", Map.of("content", "sop"), "9998", Map.of("content", "[gMASK]"));
    assertThatThrownBy(() -> chatGlm(Map.of("added_tokens_decoder", hole)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("has the id 9998");
  }

  @Test
  void anotherClassIsRefused() {
    assertThatThrownBy(() -> chatGlm(Map.of("tokenizer_class", "T5Tokenizer")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found \"T5Tokenizer\"");
  }

  @Test
  void spoiltModelsAreRefusedOrWork() throws IOException {
    byte[] whole = model("identity");
    int refused = 0;
    for (long seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      byte[] bytes = whole.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      try (Tokenizer tokenizer = open(bytes)) {
        tokenizer.decode(tokenizer.encode("the order 茶", true), false);
      } catch (BadInputException e) {
        refused++;
        assertThat(e).as("seed %d", seed).hasMessageMatching("(?s).+");
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(refused).isBetween(50, 299);
  }
}
