package dev.whetstone.models.text;

import static dev.whetstone.models.text.TokenizerJson.addedToken;
import static dev.whetstone.models.text.TokenizerJson.byteLevel;
import static dev.whetstone.models.text.TokenizerJson.object;
import static dev.whetstone.models.text.TokenizerJson.split;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.Tokenizer.Encoded;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The native tokenizer is the slow twin: ids and spans of every text are equal. */
class ByteLevelBpeTest {
  private static final String QWEN2 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final List<String> PIECES =
      List.of(
          " ",
          "  ",
          "\n",
          "\r\n",
          "\n\n ",
          "\t",
          "'s",
          "'LL",
          "'ſ",
          "'",
          "the",
          "The ",
          "é",
          "e\u0301",
          "中文字",
          "😀",
          "👩‍💻",
          "½",
          "٣",
          "1",
          "4217",
          "\" :",
          "<|end|>",
          "<|end|>ing",
          "<|en",
          "\u00a0",
          "\u2028",
          "\u200d",
          "Ġ",
          "\u0004",
          "\uD83D",
          "\u0378",
          "ß",
          "İ",
          "...");

  private static Stream<Kind> kinds() {
    return Stream.of(
        new Kind("gpt2", null, byteLevel(false, true), false),
        new Kind(
            "smollm2",
            null,
            sequence(object("type", "Digits", "individual_digits", true), true),
            false),
        new Kind(
            "llama3", null, sequence(split(QWEN2.replace("\\p{N}|", "\\p{N}{1,3}|")), false), true),
        new Kind("qwen2", object("type", "NFC"), sequence(split(QWEN2), false), false));
  }

  private static Map<String, Object> sequence(Map<String, Object> first, boolean gpt2) {
    return object("type", "Sequence", "pretokenizers", List.of(first, byteLevel(false, gpt2)));
  }

  /** A kind of tokenizer in use. */
  private record Kind(
      String name,
      Map<String, Object> normalizer,
      Map<String, Object> preTokenizer,
      boolean wholeWords) {
    /** With some hundred merges of random neighbours, and without tokens for two bytes. */
    JsonNode json(Random random) {
      Map<String, Integer> vocabulary = new LinkedHashMap<>();
      List<String> tokens = new ArrayList<>();
      for (String symbol : ByteSymbols.all()) {
        if (!symbol.equals("ý") && !symbol.equals(ByteSymbols.all().get(4))) {
          tokens.add(symbol);
        }
      }
      List<List<String>> merges = new ArrayList<>();
      String letters = "etaoin shrdlu\n'.中文😀é17";
      List<String> parts = new ArrayList<>();
      for (byte b : letters.getBytes(StandardCharsets.UTF_8)) {
        parts.add(ByteSymbols.all().get(b & 0xFF));
      }
      while (merges.size() < 500) {
        String left = parts.get(random.nextInt(parts.size()));
        String right = parts.get(random.nextInt(parts.size()));
        if (left.length() + right.length() <= 8 && !tokens.contains(left + right)) {
          merges.add(List.of(left, right));
          tokens.add(left + right);
          parts.add(left + right);
        }
      }
      tokens.add("Ġwhole");
      tokens.add("wordwithoutmerges");
      tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
      int next = vocabulary.size();
      return Json.mapper()
          .valueToTree(
              TokenizerJson.of(
                  List.of(
                      addedToken(next, "<|end|>", true), addedToken(next + 1, "<|end|>in", false)),
                  normalizer,
                  preTokenizer,
                  null,
                  byteLevel(true, true),
                  TokenizerJson.bpe(vocabulary, merges, null, false, wholeWords)));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void randomTextsAreEncodedAsByTheTwin(Kind kind) {
    for (long seed = 0; seed < 4; seed++) {
      Random random = new Random(seed);
      JsonNode json = kind.json(random);
      ByteLevelBpe fast = fast(json);
      try (NativeTokenizer twin = twin(json)) {
        int known = 0;
        for (int i = 0; i < 100; i++) {
          String text = randomText(random);
          known +=
              same(fast, twin, text, "%s, seed %d: %s".formatted(kind.name(), seed, text)) ? 1 : 0;
        }
        assertThat(known).as("texts that are not left to the twin").isGreaterThan(5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyCharacterOfUnicodeIsCutAsByTheTwin(Kind kind) {
    JsonNode json = kind.json(new Random(1));
    ByteLevelBpe fast = fast(json);
    try (NativeTokenizer twin = twin(json)) {
      var text = new StringBuilder();
      for (int c = 1; c <= Character.MAX_CODE_POINT; c++) {
        boolean assigned =
            Character.isDefined(c)
                && Character.getType(c) != Character.SURROGATE
                && Character.getType(c) != Character.PRIVATE_USE;
        if (assigned) {
          String one = Character.toString(c);
          text.append(" x").append(one).append('1').append(one).append(one).append("\n ");
        }
        // Ideographs and Hangul syllables are many.
        boolean alike = c >= 0x3400 && (Character.isIdeographic(c) || (c >= 0xAC00 && c < 0xD700));
        c += alike ? 16 : 0;
        if (text.length() > 300 || c >= Character.MAX_CODE_POINT) {
          same(fast, twin, text.toString(), kind.name() + " at U+" + Integer.toHexString(c));
          text.setLength(0);
        }
      }
    }
  }

  private static boolean same(
      ByteLevelBpe fast, NativeTokenizer twin, String text, String description) {
    Optional<Encoded> got = fast.encode(text);
    if (got.isEmpty()) {
      return false;
    }
    Encoded expected = twin.slowWithOffsets(text, false);
    assertThat(got.get().tokens()).as(description).isEqualTo(expected.tokens());
    assertThat(got.get().starts()).as(description).isEqualTo(expected.starts());
    assertThat(got.get().ends()).as(description).isEqualTo(expected.ends());
    return true;
  }

  private static ByteLevelBpe fast(JsonNode json) {
    TokenizerCheck.Checked checked = TokenizerCheck.check(json.deepCopy());
    return ByteLevelBpe.of(checked.json(), checked.ids()).orElseThrow();
  }

  private static NativeTokenizer twin(JsonNode json) {
    byte[] bytes = Json.line(json).getBytes(StandardCharsets.UTF_8);
    return new NativeTokenizer(bytes, Json.mapper().createObjectNode());
  }

  private static String randomText(Random random) {
    var text = new StringBuilder();
    for (int pieces = random.nextInt(30); pieces > 0; pieces--) {
      int choice = random.nextInt(PIECES.size() + 8);
      text.append(
          choice < PIECES.size()
              ? PIECES.get(choice)
              : Character.toString("etaoin shrdlu".charAt(random.nextInt(13))).repeat(choice % 3));
    }
    return random.nextInt(10) == 0 ? text + "whole wordwithoutmerges whole" : text.toString();
  }
}
