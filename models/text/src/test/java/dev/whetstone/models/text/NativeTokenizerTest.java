package dev.whetstone.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.Tokenizer.Encoded;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeTokenizerTest {
  private static final String[] PIECES = {
    "the ",
    "in",
    " ",
    "\n",
    "\r\n",
    "\t",
    "é",
    "e\u0301",
    "中文",
    "😀",
    "👩‍💻",
    "½",
    "٣",
    "1",
    "42",
    "\" :",
    "<|im_end|>",
    "<|im_start|>",
    "\u00a0",
    "\u200d",
    "Ġ"
  };

  @TempDir Path folder;
  private Tokenizer tokenizer;

  @BeforeEach
  void open() {
    TinyTokenizer.write(folder);
    tokenizer = Tokenizer.open(folder);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private static String randomText(Random random) {
    var text = new StringBuilder();
    for (int pieces = random.nextInt(40); pieces > 0; pieces--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  @Test
  void bytesOfTokensPutTogetherAreTheText() {
    List<byte[]> bytes = tokenizer.tokenBytes();
    assertThat(bytes).hasSize(TinyTokenizer.vocabularySize());
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var text = new StringBuilder();
      for (int i = random.nextInt(20); i >= 0; i--) {
        text.append(PIECES[random.nextInt(PIECES.length)].replaceAll("<.*>", "x"));
      }
      var written = new ByteArrayOutputStream();
      for (int token : tokenizer.encode(text.toString(), false)) {
        written.writeBytes(bytes.get(token));
      }
      assertThat(written.toString(StandardCharsets.UTF_8))
          .as("seed %d", seed)
          .hasToString(text.toString());
    }
    assertThat(bytes.get(tokenizer.eos().orElseThrow())).as("special").isEmpty();
  }

  @Test
  void tokensOfSentencePieceAreBytesOrTextWithSpaces() throws IOException {
    JsonNode decoder =
        Json.mapper()
            .readTree("{\"type\": \"Sequence\", \"decoders\": [{\"type\": \"ByteFallback\"}]}");
    JsonNode added = Json.mapper().readTree("[{\"id\": 3, \"special\": true}]");
    Map<Integer, String> texts = Map.of(0, "<0xE2>", 1, "\u2581the", 2, "é", 3, "<s>");
    List<byte[]> bytes = TokenBytes.of(texts, added, decoder);
    assertThat(bytes.get(0)).containsExactly(0xE2);
    assertThat(bytes.get(1)).isEqualTo(" the".getBytes(StandardCharsets.UTF_8));
    assertThat(bytes.get(2)).isEqualTo("é".getBytes(StandardCharsets.UTF_8));
    assertThat(bytes.get(3)).isEmpty();
    JsonNode pieces = Json.mapper().readTree("{\"type\": \"WordPiece\"}");
    assertThatThrownBy(() -> TokenBytes.of(texts, added, pieces))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found {\"type\":\"WordPiece\"}");
  }

  @Test
  void decodingUndoesEncoding() {
    for (long seed = 0; seed < 300; seed++) {
      String text = randomText(new Random(seed));
      assertThat(tokenizer.decode(tokenizer.encode(text, true), false))
          .as("seed %d", seed)
          .isEqualTo(text);
    }
  }

  @Test
  void idsAreTheSameWithAndWithoutOffsets() {
    for (long seed = 0; seed < 300; seed++) {
      String text = randomText(new Random(seed));
      assertThat(tokenizer.encodeWithOffsets(text, false).tokens())
          .as("seed %d", seed)
          .isEqualTo(tokenizer.encode(text, false));
    }
  }

  @Test
  void offsetsCoverTheTextInOrderAndNeverCutASurrogatePair() {
    for (long seed = 0; seed < 300; seed++) {
      String text = randomText(new Random(seed));
      Encoded encoded = tokenizer.encodeWithOffsets(text, false);
      int covered = 0;
      for (int t = 0; t < encoded.tokens().length; t++) {
        int start = encoded.starts()[t];
        int end = encoded.ends()[t];
        assertThat(start).as("seed %d, token %d", seed, t).isLessThanOrEqualTo(covered);
        assertThat(end).as("seed %d, token %d", seed, t).isGreaterThan(start);
        assertThat(Character.isLowSurrogate(text.charAt(start))).as("seed %d", seed).isFalse();
        covered = Math.max(covered, end);
      }
      assertThat(covered).as("seed %d", seed).isEqualTo(text.length());
    }
  }

  @Test
  void offsetsCountUtf16Units() {
    String text = "😀 中x<|im_end|>";
    Encoded encoded = tokenizer.encodeWithOffsets(text, false);
    // Four bytes of the emoji, the space, three bytes of the character, x, the special token.
    assertThat(encoded.starts()).containsExactly(0, 0, 0, 0, 2, 3, 3, 3, 4, 5);
    assertThat(encoded.ends()).containsExactly(2, 2, 2, 2, 3, 4, 4, 4, 5, text.length());
  }

  @Test
  void nothingIsCutAtFiveHundredAndTwelveTokens() {
    assertThat(tokenizer.encode("x".repeat(5000), true)).hasSize(5000);
  }

  @Test
  void specialTokensAreFoundAndCanBeLeftOut() {
    int[] tokens = tokenizer.encode("a<|im_end|>", false);
    assertThat(tokens[1]).isEqualTo(tokenizer.eos().orElseThrow());
    assertThat(tokenizer.tokenText(tokens[1])).isEqualTo(TinyTokenizer.TURN_END);
    assertThat(tokenizer.decode(tokens, true)).isEqualTo("a");
    assertThat(tokenizer.decode(tokens, false)).isEqualTo("a<|im_end|>");
    assertThat(tokenizer.vocabularySize()).isEqualTo(TinyTokenizer.vocabularySize());
  }

  @Test
  void specialTokensMayBeObjectsOrAbsent() throws Exception {
    JsonNode config =
        Json.mapper()
            .readTree("{\"eos_token\": {\"content\": \"<|im_end|>\"}, \"bos_token\": null}");
    byte[] json = Files.readAllBytes(folder.resolve("tokenizer.json"));
    try (Tokenizer other = Tokenizer.of(json, config)) {
      assertThat(other.eos()).isEqualTo(tokenizer.eos());
      assertThat(other.bos()).isEmpty();
      assertThat(other.pad()).isEmpty();
    }
  }

  @Test
  void threadsShareOneTokenizer() throws Exception {
    var texts = new ArrayList<String>();
    var expected = new ArrayList<int[]>();
    for (long seed = 0; seed < 200; seed++) {
      texts.add(randomText(new Random(seed)));
      expected.add(tokenizer.encode(texts.get((int) seed), false));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<Boolean> same =
          () -> {
            for (int i = 0; i < texts.size(); i++) {
              if (!Arrays.equals(tokenizer.encode(texts.get(i), false), expected.get(i))) {
                return false;
              }
            }
            return true;
          };
      for (var answer :
          threads.invokeAll(List.of(same, same, same, same, same, same, same, same))) {
        assertThat(answer.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aMissingOrBrokenTokenizerIsNamed(@TempDir Path empty) throws Exception {
    assertThatThrownBy(() -> Tokenizer.open(empty))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("tokenizer.json")
        .hasMessageContaining("found no file");
    Files.writeString(empty.resolve("tokenizer.json"), "{\"version\": ");
    assertThatThrownBy(() -> Tokenizer.open(empty))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(empty.toString());
    byte[] unknownModel = "{\"model\": {\"type\": \"?\"}}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Tokenizer.of(unknownModel, Json.mapper().createObjectNode()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("unknown model \"?\"; known: BPE");
  }
}
