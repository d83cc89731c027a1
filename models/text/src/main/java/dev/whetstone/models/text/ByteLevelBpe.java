package dev.whetstone.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.models.text.Tokenizer.Encoded;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Byte-level BPE as Hugging Face's tokenizers 0.21.4 does it, in Java: ids and offsets are equal to
 * those of {@link NativeTokenizer}, its slow twin, in a tenth of the time, since a word is merged
 * once and nothing crosses the border to native code. Of tokenizers and texts that it does not know
 * for sure it says so, and the twin takes them.
 *
 * <p>Threads may share one. It remembers up to {@link #MAX_WORDS} words.
 */
final class ByteLevelBpe {
  private static final int MAX_WORDS = 1 << 16;

  /** Longer words are seldom met twice. */
  private static final int MAX_REMEMBERED_CHARACTERS = 48;

  /** Merging takes time with the square of a word. */
  private static final int MAX_WORD_BYTES = 512;

  private static final String[] SYMBOLS = ByteSymbols.all().toArray(String[]::new);

  /** Vocabularies may lack bytes that no text in UTF-8 has, and control characters. */
  private static final int NO_TOKEN = -1;

  private final AddedTokens added;
  private final WordCutter cutter;
  private final boolean composed;
  private final boolean wholeWords;
  private final PairMerges merges;
  private final Map<String, Integer> vocabulary;
  private final int[] tokenOfByte;
  private final Map<String, Word> words = new ConcurrentHashMap<>();

  /** Tokens of a word, with their spans in it in UTF-16 units. */
  private record Word(int[] tokens, int[] starts, int[] ends) {}

  private ByteLevelBpe(
      AddedTokens added,
      WordCutter cutter,
      boolean composed,
      boolean wholeWords,
      PairMerges merges,
      Map<String, Integer> vocabulary,
      int[] tokenOfByte) {
    this.added = added;
    this.cutter = cutter;
    this.composed = composed;
    this.wholeWords = wholeWords;
    this.merges = merges;
    this.vocabulary = vocabulary;
    this.tokenOfByte = tokenOfByte;
  }

  /**
   * The tokenizer of a checked {@code tokenizer.json}, if it is one of this kind.
   *
   * @param ids of all its tokens
   */
  static Optional<ByteLevelBpe> of(JsonNode json, Map<String, Integer> ids) {
    JsonNode model = json.path("model");
    JsonNode normalizer = json.path("normalizer");
    boolean composed = normalizer.path("type").asText().equals("NFC");
    boolean plain =
        model.path("type").asText().equals("BPE")
            && (composed || TokenizerCheck.isNone(normalizer))
            && model.path("continuing_subword_prefix").asText("").isEmpty()
            && model.path("end_of_word_suffix").asText("").isEmpty()
            && keepsOffsets(json.path("post_processor"));
    Optional<WordCutter> cutter = WordCutter.of(json.path("pre_tokenizer"));
    Optional<AddedTokens> added = AddedTokens.of(json.path("added_tokens"));
    if (!plain || cutter.isEmpty() || added.isEmpty()) {
      return Optional.empty();
    }
    JsonNode vocabulary = model.path("vocab");
    return Optional.of(
        new ByteLevelBpe(
            added.get(),
            cutter.get(),
            composed,
            model.path("ignore_merges").asBoolean(),
            PairMerges.of(model.path("merges"), ids),
            Map.copyOf(ids),
            Arrays.stream(SYMBOLS)
                .mapToInt(symbol -> vocabulary.path(symbol).asInt(NO_TOKEN))
                .toArray()));
  }

  /** Post-processors that only put tokens around a text. */
  private static boolean keepsOffsets(JsonNode processor) {
    if (TokenizerCheck.isNone(processor)) {
      return true;
    }
    return switch (processor.path("type").asText()) {
      case "TemplateProcessing" -> true;
      case "ByteLevel" -> !processor.path("trim_offsets").asBoolean(true);
      case "Sequence" -> {
        boolean all = true;
        for (JsonNode part : processor.path("processors")) {
          all &= keepsOffsets(part);
        }
        yield all;
      }
      default -> false;
    };
  }

  /**
   * Ids and spans, as {@link Tokenizer#encodeWithOffsets} without special tokens around.
   *
   * @return empty for a text that only the twin can be trusted with
   */
  Optional<Encoded> encode(String text) {
    if (!isKnown(text)) {
      return Optional.empty();
    }
    var tokens = new Tokens(text.length() / 3 + 8);
    int at = 0;
    while (at < text.length()) {
      AddedTokens.Match next = added.next(text, at);
      int end = next == null ? text.length() : next.start();
      if (!words(text, at, end, tokens)) {
        return Optional.empty();
      }
      if (next != null) {
        tokens.add(next.id(), next.start(), next.end());
        end = next.end();
      }
      at = end;
    }
    return Optional.of(tokens.encoded());
  }

  /**
   * Whether Java and the native side see the same characters: those without a category in this
   * JDK's Unicode may have one in theirs, and the long s is an "s" to a pattern that ignores case.
   */
  private boolean isKnown(String text) {
    boolean ascii = true;
    for (int i = 0; i < text.length(); ) {
      char c = text.charAt(i);
      if (c < 0x80) {
        i++;
        continue;
      }
      ascii = false;
      int character = text.codePointAt(i);
      int type = Character.getType(character);
      if (type == Character.UNASSIGNED || type == Character.SURROGATE || character == 0x17F) {
        return false;
      }
      i += Character.charCount(character);
    }
    return ascii || !composed || Normalizer.isNormalized(text, Normalizer.Form.NFC);
  }

  private boolean words(String text, int start, int end, Tokens tokens) {
    var cut = cutter.cut(text, start, end);
    for (int from = start; from < end; ) {
      int to = cut.next();
      String word = text.substring(from, to);
      Word merged = word.length() > MAX_REMEMBERED_CHARACTERS ? merge(word) : words.get(word);
      if (merged == null) {
        merged = merge(word);
        if (merged != null
            && word.length() <= MAX_REMEMBERED_CHARACTERS
            && words.size() < MAX_WORDS) {
          words.put(word, merged);
        }
      }
      if (merged == null) {
        return false;
      }
      for (int t = 0; t < merged.tokens().length; t++) {
        tokens.add(merged.tokens()[t], from + merged.starts()[t], from + merged.ends()[t]);
      }
      from = to;
    }
    return true;
  }

  /** Null if the word is too long, or a byte of it has no token. */
  private Word merge(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_WORD_BYTES) {
      return null;
    }
    if (wholeWords) {
      Integer whole = vocabulary.get(symbols(bytes));
      if (whole != null) {
        return new Word(new int[] {whole}, new int[] {0}, new int[] {word.length()});
      }
    }
    int[] tokens = new int[bytes.length];
    int[] byteStarts = new int[bytes.length + 1];
    for (int b = 0; b < bytes.length; b++) {
      tokens[b] = tokenOfByte[bytes[b] & 0xFF];
      byteStarts[b] = b;
      if (tokens[b] == NO_TOKEN) {
        return null;
      }
    }
    byteStarts[bytes.length] = bytes.length;
    int count = merges.merge(tokens, byteStarts);
    return spans(word, bytes.length, Arrays.copyOf(tokens, count), byteStarts);
  }

  /** A token that holds a part of a character spans all of it. */
  private static Word spans(String word, int byteCount, int[] tokens, int[] byteStarts) {
    int[] from = new int[byteCount];
    int[] to = new int[byteCount];
    int at = 0;
    for (int unit = 0; unit < word.length(); ) {
      int character = word.codePointAt(unit);
      int units = Character.charCount(character);
      int width = character < 0x80 ? 1 : character < 0x800 ? 2 : units == 1 ? 3 : 4;
      Arrays.fill(from, at, at + width, unit);
      Arrays.fill(to, at, at + width, unit + units);
      at += width;
      unit += units;
    }
    int[] starts = new int[tokens.length];
    int[] ends = new int[tokens.length];
    for (int t = 0; t < tokens.length; t++) {
      starts[t] = from[byteStarts[t]];
      ends[t] = to[byteStarts[t + 1] - 1];
    }
    return new Word(tokens, starts, ends);
  }

  /** As the vocabulary spells them. */
  private static String symbols(byte[] bytes) {
    var symbols = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      symbols.append(SYMBOLS[b & 0xFF]);
    }
    return symbols.toString();
  }

  /** Growing arrays of ids and spans. */
  private static final class Tokens {
    private int[] ids;
    private int[] starts;
    private int[] ends;
    private int count;

    Tokens(int room) {
      ids = new int[room];
      starts = new int[room];
      ends = new int[room];
    }

    void add(int id, int start, int end) {
      if (count == ids.length) {
        ids = Arrays.copyOf(ids, 2 * count);
        starts = Arrays.copyOf(starts, 2 * count);
        ends = Arrays.copyOf(ends, 2 * count);
      }
      ids[count] = id;
      starts[count] = start;
      ends[count++] = end;
    }

    Encoded encoded() {
      return new Encoded(
          Arrays.copyOf(ids, count), Arrays.copyOf(starts, count), Arrays.copyOf(ends, count));
    }
  }
}
