package dev.whetstone.datasets.measure;

import dev.whetstone.datasets.dedup.Hash64;
import dev.whetstone.datasets.dedup.Words;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A text cut once into what measures look at. Not safe for threads: some of it is made when asked
 * for.
 *
 * <p>A token is a run of letters and digits, with apostrophes and hyphens between them, or one
 * other character that is no white space: a symbol. That is close to what spaCy makes of English,
 * which datatrove asks; other languages need no tokenizer of their own. Lengths are counted in
 * UTF-16 units.
 */
public final class Passage {
  /** Above this share of its letters a text counts as one that writes no spaces between words. */
  private static final double UNSPACED_SHARE = 0.3;

  private static final Pattern FENCED =
      Pattern.compile("(?ms)^[ \\t]*(```|~~~).*?(^[ \\t]*\\1|\\z)");

  // What a character is to a token.
  private static final byte SPACE = 0;
  private static final byte SYMBOL = 1;
  private static final byte DIGIT = 2;
  private static final byte LETTER = 3;
  private static final byte[] ASCII = new byte[0x80];

  static {
    for (int c = 0; c < ASCII.length; c++) {
      ASCII[c] = kindOf(c);
    }
  }

  private final String text;
  private final FlaggedWords flagged;
  private final List<String> lines;
  private final List<String> paragraphs;
  private final boolean unspaced;

  // Of each token: its length, its hash, whether it is a word, whether that has a letter.
  private int[] lengths;
  private long[] hashes;
  private boolean[] words;
  private boolean[] lettered;
  private int tokens;
  private int count; // of words

  private final int[] symbols = new int[0x80]; // how often each ASCII symbol comes

  private String lower; // made when asked for
  private Runs runs; // made when asked for

  private Passage(String text, FlaggedWords flagged) {
    this.text = text;
    this.flagged = flagged;
    String stripped = text.strip();
    this.lines = parts(stripped, 1);
    this.paragraphs = parts(stripped, 2);
    int expected = text.length() / 3 + 16; // of English
    this.lengths = new int[expected];
    this.hashes = new long[expected];
    this.words = new boolean[expected];
    this.lettered = new boolean[expected];
    int letters = 0;
    int alone = 0;
    char[] units = text.toCharArray(); // twice as fast to walk as the text
    for (int i = 0; i < units.length; ) {
      int c = Character.codePointAt(units, i);
      int end = i + Character.charCount(c);
      byte kind = kind(c);
      boolean standsAlone = Words.standsAlone(c);
      if (kind == LETTER) {
        letters++;
        alone += standsAlone ? 1 : 0;
      }
      if (standsAlone || kind == SYMBOL) {
        add(units, i, end, kind != SYMBOL && kind != SPACE, kind == LETTER);
        if (kind == SYMBOL && c < symbols.length) {
          symbols[c]++;
        }
      } else if (kind != SPACE) {
        boolean letter = kind == LETTER;
        while (end < units.length) {
          char next = units[end];
          byte nextKind = next < ASCII.length ? ASCII[next] : SYMBOL;
          if (nextKind == SYMBOL) {
            if (!isWithin(text, end)) {
              break;
            }
            int whole = text.codePointAt(end);
            nextKind = kind(whole);
            end += Character.charCount(whole);
          } else if (nextKind == SPACE) {
            break;
          } else {
            end++;
          }
          letter |= nextKind == LETTER;
        }
        add(units, i, end, true, letter);
      }
      i = end;
    }
    this.unspaced = alone > UNSPACED_SHARE * letters;
  }

  private static byte kind(int c) {
    return c < ASCII.length ? ASCII[c] : kindOf(c);
  }

  private static byte kindOf(int c) {
    if (Character.isLetterOrDigit(c)) {
      return Character.isLetter(c) ? LETTER : DIGIT;
    }
    return Character.isWhitespace(c) || Character.isSpaceChar(c) ? SPACE : SYMBOL;
  }

  /** What stands between runs of at least so many line breaks. */
  private static List<String> parts(String text, int breaks) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int at = text.indexOf('\n'); at >= 0; ) {
      int end = at + 1;
      while (end < text.length() && text.charAt(end) == '\n') {
        end++;
      }
      if (end - at >= breaks) {
        parts.add(text.substring(start, at));
        start = end;
      }
      at = text.indexOf('\n', end);
    }
    parts.add(text.substring(start));
    return Collections.unmodifiableList(parts);
  }

  /** The text as it stands, of which no word is flagged. */
  public static Passage of(String text) {
    return new Passage(text, FlaggedWords.NONE);
  }

  /**
   * What the assistant says in a conversation, without fenced code: rules that were made for prose
   * misjudge braces, indentation and repeated lines of programs.
   */
  public static Passage ofAnswers(Conversation row, FlaggedWords flagged) {
    return new Passage(answers(row), flagged);
  }

  /** The text of {@link #ofAnswers}. */
  public static String answers(Conversation row) {
    return prose(
        row.messages().stream()
            .filter(m -> m.role().equals(Message.ASSISTANT))
            .map(Message::content)
            .collect(Collectors.joining("\n\n")));
  }

  /** A text without fenced code. */
  public static String prose(String text) {
    return text.contains("```") || text.contains("~~~") ? withoutCode(text) : text;
  }

  private static String withoutCode(String text) {
    return FENCED.matcher(text).replaceAll("");
  }

  /** Whether a word goes on at {@code at}: a letter or digit, or a joint before another one. */
  private static boolean isWithin(String text, int at) {
    int c = text.codePointAt(at);
    byte kind = kind(c);
    if (kind == SPACE || Words.standsAlone(c)) {
      return false;
    }
    if (kind != SYMBOL || Character.getType(c) == Character.NON_SPACING_MARK) {
      return true;
    }
    boolean joint = c == '\'' || c == '\u2019' || c == '-';
    if (!joint || at + 1 >= text.length()) {
      return false;
    }
    int next = text.codePointAt(at + 1);
    return Character.isLetterOrDigit(next) && !Words.standsAlone(next);
  }

  private void add(char[] units, int start, int end, boolean word, boolean letter) {
    if (tokens == lengths.length) {
      lengths = Arrays.copyOf(lengths, 2 * tokens);
      hashes = Arrays.copyOf(hashes, 2 * tokens);
      words = Arrays.copyOf(words, 2 * tokens);
      lettered = Arrays.copyOf(lettered, 2 * tokens);
    }
    lengths[tokens] = end - start;
    hashes[tokens] = Hash64.of(units, start, end);
    words[tokens] = word;
    lettered[tokens] = letter;
    tokens++;
    count += word ? 1 : 0;
  }

  String text() {
    return text;
  }

  /** The words to look for in it. */
  FlaggedWords flagged() {
    return flagged;
  }

  /** The text in lower case. */
  String lower() {
    if (lower == null) {
      lower = text.toLowerCase(Locale.ROOT);
    }
    return lower;
  }

  /** Lines that are not empty. */
  List<String> lines() {
    return lines;
  }

  /** What stands between empty lines. */
  List<String> paragraphs() {
    return paragraphs;
  }

  /** Whether most of it is of a script that writes no spaces between words. */
  boolean isUnspaced() {
    return unspaced;
  }

  /** Words and symbols. */
  int tokens() {
    return tokens;
  }

  /** UTF-16 units of a token. */
  int length(int token) {
    return lengths[token];
  }

  /** UTF-16 units of n tokens from one on, what stands between them not counted. */
  int length(int from, int n) {
    int length = 0;
    for (int token = from; token < from + n; token++) {
      length += lengths[token];
    }
    return length;
  }

  /** Runs of tokens. */
  Runs runs() {
    if (runs == null) {
      runs = new Runs(hashes, tokens);
    }
    return runs;
  }

  /** Whether a token has a letter or a digit. */
  boolean isWord(int token) {
    return words[token];
  }

  /** Whether a token has a letter. */
  boolean hasLetter(int token) {
    return lettered[token];
  }

  /** {@link Hash64#of} of a token as it stands. */
  long hash(int token) {
    return hashes[token];
  }

  /** How often an ASCII symbol stands in the text, not between letters. */
  int symbols(char symbol) {
    return symbols[symbol];
  }

  /** Words, without symbols. */
  int words() {
    return count;
  }

  /** Lines for which a test is true, over all; 0 of an empty text. */
  double shareOfLines(Predicate<String> test) {
    if (text.isBlank()) {
      return 0;
    }
    int count = 0;
    for (String line : lines) {
      count += test.test(line) ? 1 : 0;
    }
    return (double) count / lines.size();
  }
}
