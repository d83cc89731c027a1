package dev.whetstone.datasets.measure;

import java.text.BreakIterator;
import java.text.StringCharacterIterator;
import java.util.List;
import java.util.Locale;

/** Where sentences end. */
final class Sentences {
  /** Full stops, question and exclamation marks of the scripts in common use (Unicode, STerm). */
  private static final String ENDS = ".?!…。！？．｡؟۔।॥։።፧፨᠃᠉‼⁇⁈⁉";

  /** Making one costs as much as counting the sentences of a page. */
  private static final ThreadLocal<BreakIterator> RULES =
      ThreadLocal.withInitial(() -> BreakIterator.getSentenceInstance(Locale.ROOT));

  private Sentences() {}

  static boolean isEnd(int c) {
    return ENDS.indexOf(c) >= 0;
  }

  /** Sentences of lines, by the rules of the JDK. */
  static int count(List<String> lines) {
    BreakIterator rules = RULES.get();
    int count = 0;
    for (String line : lines) {
      count += isPlain(line) ? ofPlain(line, rules) : ofAny(line, rules);
    }
    return count;
  }

  private static int ofAny(String line, BreakIterator rules) {
    rules.setText(line);
    int count = 0;
    while (rules.next() != BreakIterator.DONE) {
      count++;
    }
    return count;
  }

  private static boolean isPlain(String line) {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c < ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  /**
   * The same of a line of printable ASCII. Nothing before the first mark that may end a sentence
   * matters to the rules, so that they are shown the text only from the character before it on.
   */
  private static int ofPlain(String line, BreakIterator rules) {
    int count = 0;
    int end = line.length();
    for (int start = 0; start < end; ) {
      int mark = start;
      while (mark < end && !isPlainEnd(line.charAt(mark))) {
        mark++;
      }
      count++;
      if (mark == end) {
        return count;
      }
      int from = Math.max(start, mark - 1);
      rules.setText(new StringCharacterIterator(line, from, end, from));
      start = rules.next();
    }
    return count;
  }

  private static boolean isPlainEnd(char c) {
    return c == '.' || c == '?' || c == '!';
  }
}
