package dev.whetstone.models.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A {@link Tokenizer} over DJL's binding of Hugging Face's tokenizers. The native side has no state
 * that encoding changes, so threads share it.
 */
final class NativeTokenizer implements Tokenizer {
  /**
   * Left out, "truncation" cuts at 512 tokens and "padding" pads, both in silence (DJL 0.36,
   * HuggingFaceTokenizer).
   */
  private static final Map<String, String> PLAIN =
      Map.of("truncation", "false", "padding", "false");

  /** What Unicode has for a character that is none. */
  private static final int REPLACEMENT = 0xFFFD;

  private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

  private final HuggingFaceTokenizer tokenizer;
  private final JsonNode addedTokens;
  private final JsonNode decoder;
  private final String sha256;
  private final int vocabularySize;
  private final Map<Integer, String> tokenTexts = new HashMap<>();
  private final OptionalInt bos;
  private final OptionalInt eos;
  private final OptionalInt pad;

  NativeTokenizer(byte[] tokenizerJson, JsonNode tokenizerConfig) {
    String text = new String(tokenizerJson, StandardCharsets.UTF_8);
    sha256 = dev.whetstone.artifacts.ContentHash.sha256(text);
    JsonNode json = parse(text);
    var ids = new HashMap<String, Integer>();
    int size = 0;
    JsonNode vocabulary = json.path("model").path("vocab");
    addedTokens = json.path("added_tokens");
    decoder = json.path("decoder");
    for (var token : vocabulary.properties()) {
      ids.put(token.getKey(), token.getValue().asInt());
      size = Math.max(size, token.getValue().asInt() + 1);
    }
    for (JsonNode token : addedTokens) {
      ids.put(token.path("content").asText(), token.path("id").asInt());
      size = Math.max(size, token.path("id").asInt() + 1);
    }
    ids.forEach((token, id) -> tokenTexts.put(id, token));
    vocabularySize = size;
    bos = special(tokenizerConfig, "bos_token", ids);
    eos = special(tokenizerConfig, "eos_token", ids);
    pad = special(tokenizerConfig, "pad_token", ids);
    try {
      tokenizer = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(tokenizerJson), PLAIN);
    } catch (IOException e) {
      throw new UncheckedIOException("tokenizer.json: cannot be read", e);
    } catch (RuntimeException e) {
      throw new BadInputException(
          "tokenizer.json: not a tokenizer that can be loaded: " + e.getMessage(), e);
    }
  }

  private static JsonNode parse(String text) {
    try {
      return Json.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new BadInputException("tokenizer.json: " + Json.sentence(e), e);
    }
  }

  /** A special token of the configuration: a text, or an object with {@code content}. */
  private static OptionalInt special(JsonNode config, String key, Map<String, Integer> ids) {
    JsonNode value = config.path(key);
    String text = value.isTextual() ? value.asText() : value.path("content").asText(null);
    Integer id = text == null ? null : ids.get(text);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public int[] encode(String text, boolean special) {
    // HuggingFaceTokenizer.encode also builds strings, offsets and four more arrays: asking for ids
    // alone takes 40 % less time.
    long encoding = LIBRARY.encode(tokenizer.getHandle(), wellFormed(text), special);
    try {
      return narrow(LIBRARY.getTokenIds(encoding));
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
  }

  @Override
  public Encoded encodeWithOffsets(String text, boolean special) {
    long encoding = LIBRARY.encode(tokenizer.getHandle(), wellFormed(text), special);
    try {
      int[] tokens = narrow(LIBRARY.getTokenIds(encoding));
      CharSpan[] spans = LIBRARY.getTokenCharSpans(encoding);
      // The native side counts code points.
      int[] units = new int[text.codePointCount(0, text.length()) + 1];
      for (int i = 1; i < units.length; i++) {
        units[i] = text.offsetByCodePoints(units[i - 1], 1);
      }
      int[] starts = new int[tokens.length];
      int[] ends = new int[tokens.length];
      for (int t = 0; t < tokens.length; t++) {
        starts[t] = spans[t] == null ? 0 : units[spans[t].getStart()];
        ends[t] = spans[t] == null ? 0 : units[spans[t].getEnd()];
      }
      return new Encoded(tokens, starts, ends);
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
  }

  /**
   * Half of a surrogate pair is no character: the native side would make three of it, and the
   * offsets would not be those of the text.
   */
  private static String wellFormed(String text) {
    if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
      return text;
    }
    return text.codePoints()
        .map(c -> Character.getType(c) == Character.SURROGATE ? REPLACEMENT : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static int[] narrow(long[] ids) {
    int[] narrow = new int[ids.length];
    for (int t = 0; t < ids.length; t++) {
      narrow[t] = (int) ids[t];
    }
    return narrow;
  }

  @Override
  public String decode(int[] tokens, boolean skipSpecial) {
    long[] ids = new long[tokens.length];
    for (int t = 0; t < ids.length; t++) {
      ids[t] = tokens[t];
    }
    return LIBRARY.decode(tokenizer.getHandle(), ids, skipSpecial);
  }

  @Override
  public OptionalInt bos() {
    return bos;
  }

  @Override
  public OptionalInt eos() {
    return eos;
  }

  @Override
  public OptionalInt pad() {
    return pad;
  }

  @Override
  public String tokenText(int token) {
    String text = tokenTexts.get(token);
    if (text == null) {
      throw new IllegalArgumentException("no token has the id " + token);
    }
    return text;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public List<byte[]> tokenBytes() {
    return TokenBytes.of(tokenTexts, addedTokens, decoder);
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
