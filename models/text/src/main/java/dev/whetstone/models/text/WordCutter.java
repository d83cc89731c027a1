package dev.whetstone.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into words as byte-level pre-tokenizers do: GPT-2's pattern, with digits apart first
 * or not, or one of {@link #PATTERNS}. Each of them matches every character, so words leave no gap.
 */
final class WordCutter {
  /** tokenizers, pre_tokenizers/byte_level.rs. */
  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /**
   * Patterns in files, and how Java writes them: case is ignored by the rules of Unicode there. Of
   * Llama 3 (digits by three) and Qwen2 (one by one).
   */
  private static final Map<String, Pattern> PATTERNS =
      Map.of(
          modern("\\p{N}{1,3}", "i"), compiled(modern("\\p{N}{1,3}", "iu")),
          modern("\\p{N}", "i"), compiled(modern("\\p{N}", "iu")));

  private final Pattern pattern;
  private final boolean digitsApart;

  private WordCutter(Pattern pattern, boolean digitsApart) {
    this.pattern = pattern;
    this.digitsApart = digitsApart;
  }

  private static String modern(String digits, String flags) {
    return "(?"
        + flags
        + ":'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
        + digits
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  private static Pattern compiled(String pattern) {
    return Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS);
  }

  /** The cutter of a {@code pre_tokenizer}, if it is one of these. */
  static Optional<WordCutter> of(JsonNode preTokenizer) {
    if (byteLevel(preTokenizer, true)) {
      return Optional.of(new WordCutter(compiled(GPT2), false));
    }
    JsonNode parts = preTokenizer.path("pretokenizers");
    if (!preTokenizer.path("type").asText().equals("Sequence") || parts.size() != 2) {
      return Optional.empty();
    }
    JsonNode first = parts.get(0);
    if (first.path("type").asText().equals("Digits")
        && first.path("individual_digits").asBoolean()
        && byteLevel(parts.get(1), true)) {
      return Optional.of(new WordCutter(compiled(GPT2), true));
    }
    boolean isolated =
        first.path("type").asText().equals("Split")
            && first.path("behavior").asText().equals("Isolated")
            && !first.path("invert").asBoolean();
    Pattern known = PATTERNS.get(first.path("pattern").path("Regex").asText());
    return isolated && known != null && byteLevel(parts.get(1), false)
        ? Optional.of(new WordCutter(known, false))
        : Optional.empty();
  }

  private static boolean byteLevel(JsonNode part, boolean gpt2) {
    return part.path("type").asText().equals("ByteLevel")
        && !part.path("add_prefix_space").asBoolean(true)
        && part.path("use_regex").asBoolean(true) == gpt2;
  }

  /** Ends of the words of a range of a text. */
  Cut cut(String text, int start, int end) {
    return new Cut(text, start, end);
  }

  /** One range, from its start on. */
  final class Cut {
    private final String text;
    private final int end;
    private final Matcher matcher;
    private int at;
    private int partEnd;

    private Cut(String text, int start, int end) {
      this.text = text;
      this.end = end;
      this.matcher = pattern.matcher(text);
      this.at = start;
      this.partEnd = start;
    }

    /** Where the word ends that begins where the last one ended; not after the end. */
    int next() {
      if (at == partEnd) {
        partEnd = partEnd();
        matcher.region(at, partEnd); // nothing is seen beyond a part
      }
      if (!matcher.lookingAt()) {
        throw new IllegalStateException("no word at " + at);
      }
      at = matcher.end();
      if (at < partEnd) {
        matcher.region(at, partEnd);
      }
      return at;
    }

    private int partEnd() {
      if (!digitsApart) {
        return end;
      }
      for (int i = at; i < end; ) {
        int character = text.codePointAt(i);
        int next = i + Character.charCount(character);
        if (isNumeric(character)) {
          return i == at ? next : i;
        }
        i = next;
      }
      return end;
    }
  }

  /** As Rust's {@code char::is_numeric}: categories Nd, Nl, No. */
  private static boolean isNumeric(int character) {
    int type = Character.getType(character);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }
}
