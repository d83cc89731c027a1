package dev.whetstone.datasets.measure;

import dev.whetstone.datasets.dedup.Hash64;
import dev.whetstone.datasets.dedup.Words;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A text cut once into what measures look at.
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
  private static final Pattern LINE_BREAKS = Pattern.compile("\\n+");
  private static final Pattern PARAGRAPH_BREAKS = Pattern.compile("\\n{2,}");

  private final String text;
  private final List<String> lines;
  private final List<String> paragraphs;
  private final boolean unspaced;

  // Of each token: where it begins, its length, its hash, whether it is a word, whether that has a
  // letter.
  private int[] starts = new int[64];
  private int[] lengths = new int[64];
  private long[] hashes = new long[64];
  private boolean[] words = new boolean[64];
  private boolean[] lettered = new boolean[64];
  private int tokens;
  private int count; // of words

  private Passage(String text) {
    this.text = text;
    this.lines = List.of(LINE_BREAKS.split(text.strip()));
    this.paragraphs = List.of(PARAGRAPH_BREAKS.split(text.strip()));
    int letters = 0;
    int alone = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int end = i + Character.charCount(c);
      if (Character.isLetter(c)) {
        letters++;
        alone += Words.standsAlone(c) ? 1 : 0;
      }
      if (Words.standsAlone(c)) {
        add(i, end, Character.isLetterOrDigit(c), Character.isLetter(c));
      } else if (Character.isLetterOrDigit(c)) {
        boolean letter = Character.isLetter(c);
        while (end < text.length() && isWithin(text, end)) {
          int next = text.codePointAt(end);
          letter |= Character.isLetter(next);
          end += Character.charCount(next);
        }
        add(i, end, true, letter);
      } else if (!Character.isWhitespace(c) && !Character.isSpaceChar(c)) {
        add(i, end, false, false);
      }
      i = end;
    }
    this.unspaced = alone > UNSPACED_SHARE * letters;
  }

  /** The text as it stands. */
  public static Passage of(String text) {
    return new Passage(text);
  }

  /**
   * What the assistant says in a conversation, without fenced code: rules that were made for prose
   * misjudge braces, indentation and repeated lines of programs.
   */
  public static Passage ofAnswers(Conversation row) {
    String said =
        row.messages().stream()
            .filter(m -> m.role().equals(Message.ASSISTANT))
            .map(Message::content)
            .collect(Collectors.joining("\n\n"));
    return new Passage(said.contains("```") || said.contains("~~~") ? withoutCode(said) : said);
  }

  private static String withoutCode(String text) {
    return FENCED.matcher(text).replaceAll("");
  }

  /** Whether a word goes on at {@code at}: a letter or digit, or a joint before another one. */
  private static boolean isWithin(String text, int at) {
    int c = text.codePointAt(at);
    if (Words.standsAlone(c)) {
      return false;
    }
    if (Character.isLetterOrDigit(c) || Character.getType(c) == Character.NON_SPACING_MARK) {
      return true;
    }
    boolean joint = c == '\'' || c == '\u2019' || c == '-';
    if (!joint || at + 1 >= text.length()) {
      return false;
    }
    int next = text.codePointAt(at + 1);
    return Character.isLetterOrDigit(next) && !Words.standsAlone(next);
  }

  private void add(int start, int end, boolean word, boolean letter) {
    if (tokens == starts.length) {
      starts = Arrays.copyOf(starts, 2 * tokens);
      lengths = Arrays.copyOf(lengths, 2 * tokens);
      hashes = Arrays.copyOf(hashes, 2 * tokens);
      words = Arrays.copyOf(words, 2 * tokens);
      lettered = Arrays.copyOf(lettered, 2 * tokens);
    }
    starts[tokens] = start;
    lengths[tokens] = end - start;
    hashes[tokens] = Hash64.of(text, start, end);
    words[tokens] = word;
    lettered[tokens] = letter;
    tokens++;
    count += word ? 1 : 0;
  }

  String text() {
    return text;
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

  /** Of n tokens from one on. */
  long hash(int from, int n) {
    return Hash64.ofRun(hashes, from, n);
  }

  /** Whether a token has a letter or a digit. */
  boolean isWord(int token) {
    return words[token];
  }

  /** Whether a token has a letter. */
  boolean hasLetter(int token) {
    return lettered[token];
  }

  /** Whether {@code token} is this word, in lower case as it stands. */
  boolean is(int token, String word) {
    return lengths[token] == word.length() && text.startsWith(word, starts[token]);
  }

  /** Words, without symbols. */
  int words() {
    return count;
  }

  /** Lines for which a test is true, over all; 0 of an empty text. */
  double shareOfLines(Predicate<String> test) {
    return text.isBlank() ? 0 : (double) lines.stream().filter(test).count() / lines.size();
  }
}
