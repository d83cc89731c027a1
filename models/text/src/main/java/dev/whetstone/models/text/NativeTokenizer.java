package dev.whetstone.models.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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

  /** Three times those of the largest vocabularies (262,144 tokens and twice as many merges). */
  private static final int MAX_VALUES = 8_000_000;

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
  private final boolean begins;
  private final boolean ends;

  NativeTokenizer(byte[] tokenizerJson, JsonNode tokenizerConfig) {
    String text = new String(tokenizerJson, StandardCharsets.UTF_8);
    sha256 = dev.whetstone.artifacts.ContentHash.sha256(text);
    TokenizerCheck.Checked checked = TokenizerCheck.check(parse(text));
    Map<String, Integer> ids = checked.ids();
    addedTokens = checked.json().path("added_tokens");
    decoder = checked.json().path("decoder");
    ids.forEach((token, id) -> tokenTexts.put(id, token));
    vocabularySize = 1 + ids.values().stream().mapToInt(id -> id).max().orElse(-1);
    bos = special(tokenizerConfig, "bos_token", ids);
    eos = special(tokenizerConfig, "eos_token", ids);
    pad = special(tokenizerConfig, "pad_token", ids);
    try {
      // What was checked, not what was read: two parsers might not read a file alike.
      byte[] read = Json.line(checked.json()).getBytes(StandardCharsets.UTF_8);
      tokenizer = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(read), PLAIN);
    } catch (IOException e) {
      throw new UncheckedIOException("tokenizer.json: cannot be read", e);
    } catch (RuntimeException e) {
      throw new BadInputException(
          "tokenizer.json: not a tokenizer that can be loaded: " + e.getMessage(), e);
    }
    int[] around = ids("", true);
    begins = around.length > 0 && bos.equals(OptionalInt.of(around[0]));
    // One token that is both BOS and EOS goes before a text.
    ends =
        around.length > (begins && bos.equals(eos) ? 1 : 0)
            && eos.equals(OptionalInt.of(around[around.length - 1]));
  }

  private static JsonNode parse(String text) {
    // In two passes: a tree of tiny values takes twenty times the room of its text.
    try (JsonParser parser = Json.mapper().createParser(text)) {
      for (int values = 0; parser.nextToken() != null; values++) {
        if (values > MAX_VALUES) {
          throw new BadInputException(
              "tokenizer.json: expected at most %d values, found more.".formatted(MAX_VALUES));
        }
      }
      return Json.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new BadInputException("tokenizer.json: " + Json.sentence(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException("tokenizer.json: cannot be read", e);
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
    int[] tokens = ids(text, special);
    int first = special ? firstOf(tokens, text) : 0;
    int last = special ? lastOf(tokens, text) : tokens.length;
    return last - first == tokens.length ? tokens : Arrays.copyOfRange(tokens, first, last);
  }

  private int[] ids(String text, boolean special) {
    // HuggingFaceTokenizer.encode also builds strings, offsets and four more arrays: asking for ids
    // alone takes 40 % less time.
    long encoding = encoding(text, special);
    try {
      return narrow(LIBRARY.getTokenIds(encoding));
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
  }

  private long encoding(String text, boolean special) {
    try {
      return LIBRARY.encode(tokenizer.getHandle(), wellFormed(text), special);
    } catch (RuntimeException e) {
      throw new BadInputException(
          "tokenizer.json: this tokenizer cannot encode %s: %s."
              .formatted(TokenizerCheck.quoted(text), e.getMessage()),
          e);
    }
  }

  /** A text that begins with BOS, as chat templates write it, gets no second one. */
  private int firstOf(int[] tokens, String text) {
    boolean twice =
        begins
            && tokens.length > added()
            && tokens[1] == tokens[0]
            && text.startsWith(tokenText(tokens[0]));
    return twice ? 1 : 0;
  }

  /** As {@link #firstOf}, for EOS at the end of a text; the unknown token may have its id. */
  private int lastOf(int[] tokens, String text) {
    int length = tokens.length;
    boolean twice =
        ends
            && length > added()
            && tokens[length - 2] == tokens[length - 1]
            && text.endsWith(tokenText(tokens[length - 1]));
    return twice ? length - 1 : length;
  }

  private int added() {
    return (begins ? 1 : 0) + (ends ? 1 : 0);
  }

  @Override
  public Encoded encodeWithOffsets(String text, boolean special) {
    long encoding = encoding(text, special);
    try {
      int[] tokens = narrow(LIBRARY.getTokenIds(encoding));
      CharSpan[] spans = LIBRARY.getTokenCharSpans(encoding);
      // The native side counts code points.
      int[] units = new int[text.codePointCount(0, text.length()) + 1];
      for (int i = 1; i < units.length; i++) {
        units[i] = text.offsetByCodePoints(units[i - 1], 1);
      }
      int first = special ? firstOf(tokens, text) : 0;
      int last = special ? lastOf(tokens, text) : tokens.length;
      int[] starts = new int[last - first];
      int[] ends = new int[last - first];
      for (int t = first; t < last; t++) {
        starts[t - first] = spans[t] == null ? 0 : units[spans[t].getStart()];
        ends[t - first] = spans[t] == null ? 0 : units[spans[t].getEnd()];
      }
      return new Encoded(Arrays.copyOfRange(tokens, first, last), starts, ends);
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
    if (tokens.length == 0) {
      return ""; // one of the native decoders counts down from the last token
    }
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
