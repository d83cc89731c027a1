package dev.whetstone.models.engine.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.TokenizerJson;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How a byte-level BPE tokenizer splits a text before it joins bytes. llama.cpp names the rules
 * (src/llama-vocab.cpp, load); each is written here as the {@code tokenizer.json} of the model that
 * the rule is called after has it.
 */
enum SplittingRule {
  /** openai/gpt-2. */
  GPT2(null, false, false),
  /** Every digit by itself, then as GPT-2. */
  DIGITS(null, false, false),
  /** Up to three digits together; a word that is a token is never cut. */
  LLAMA3(
      Regex.CONTRACTIONS + "|" + Regex.WORD + "|\\p{N}{1,3}|" + Regex.SIGNS + "*|" + Regex.SPACES,
      true,
      true),
  /** Every digit by itself; the text is composed first (NFC). */
  QWEN2(
      Regex.CONTRACTIONS + "|" + Regex.WORD + "|\\p{N}|" + Regex.SIGNS + "*|" + Regex.SPACES,
      false,
      false),
  /** Capitals begin a new piece; a word that is a token is never cut. */
  TEKKEN(
      String.join(
          "|",
          Regex.BEFORE + Regex.CAPITALS + "*" + Regex.SMALL + "+",
          Regex.BEFORE + Regex.CAPITALS + "+" + Regex.SMALL + "*",
          "\\p{N}",
          " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*",
          Regex.SPACES),
      true,
      true);

  /** What the patterns share. */
  private static final class Regex {
    static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    static final String BEFORE = "[^\\r\\n\\p{L}\\p{N}]?";
    static final String WORD = BEFORE + "\\p{L}+";
    static final String SIGNS = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]";
    static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    static final String CAPITALS = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    static final String SMALL = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  }

  private final String pattern;
  private final boolean wholeWords;
  private final boolean begins;

  SplittingRule(String pattern, boolean wholeWords, boolean begins) {
    this.pattern = pattern;
    this.wholeWords = wholeWords;
    this.begins = begins;
  }

  private List<String> names() {
    return switch (this) {
      case GPT2 -> List.of("gpt-2", "default");
      case DIGITS -> List.of("smollm", "starcoder", "refact", "command-r");
      case LLAMA3 -> List.of("llama-bpe", "llama3", "llama-v3");
      case QWEN2 -> List.of("qwen2");
      case TEKKEN -> List.of("tekken");
    };
  }

  static Optional<SplittingRule> of(String name) {
    return Arrays.stream(values()).filter(rule -> rule.names().contains(name)).findFirst();
  }

  /** The rule of a {@code tokenizer.json}, byte-level BPE; empty if it is none of these. */
  static Optional<SplittingRule> of(JsonNode tokenizer) {
    return Arrays.stream(values())
        .filter(
            rule ->
                plain(tokenizer.path("pre_tokenizer")).equals(plain(rule.preTokenizer()))
                    && plain(tokenizer.path("normalizer")).equals(plain(rule.normalizer()))
                    && tokenizer.path("model").path("ignore_merges").asBoolean(false)
                        == rule.wholeWords())
        .findFirst();
  }

  /** A part of a {@code tokenizer.json} without what does not change the tokens. */
  private static JsonNode plain(Object part) {
    JsonNode copy = Json.mapper().valueToTree(part);
    if (copy.isMissingNode()) {
      return NullNode.getInstance();
    }
    for (JsonNode parent : copy.findParents("type")) {
      ((ObjectNode) parent).remove(List.of("trim_offsets", "invert"));
    }
    return copy;
  }

  /** The name by which llama.cpp's converter writes it. */
  String key() {
    return names().get(0);
  }

  /** Every name, for messages. */
  static String known() {
    return Arrays.stream(values())
        .flatMap(rule -> rule.names().stream())
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /** Whether a piece that is a token stays whole although no merges make it. */
  boolean wholeWords() {
    return wholeWords;
  }

  /** Whether BOS goes before a text where the file does not say. */
  boolean begins() {
    return begins;
  }

  /** {@code normalizer} of a tokenizer.json, or {@code null}. */
  Map<String, Object> normalizer() {
    return this == QWEN2 ? TokenizerJson.object("type", "NFC") : null;
  }

  /** {@code pre_tokenizer} of a tokenizer.json. */
  Map<String, Object> preTokenizer() {
    return switch (this) {
      case GPT2 -> TokenizerJson.byteLevel(false, true);
      case DIGITS ->
          sequence(
              TokenizerJson.object("type", "Digits", "individual_digits", true),
              TokenizerJson.byteLevel(false, true));
      case LLAMA3, QWEN2, TEKKEN ->
          sequence(TokenizerJson.split(pattern), TokenizerJson.byteLevel(false, false));
    };
  }

  private static Map<String, Object> sequence(Map<String, Object> first, Map<String, Object> then) {
    return TokenizerJson.object("type", "Sequence", "pretokenizers", List.of(first, then));
  }
}
