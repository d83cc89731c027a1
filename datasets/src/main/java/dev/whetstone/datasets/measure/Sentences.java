package dev.whetstone.datasets.measure;

import java.text.BreakIterator;
import java.util.List;
import java.util.Locale;

/** Where sentences end. */
final class Sentences {
  /** Full stops, question and exclamation marks of the scripts in common use (Unicode, STerm). */
  private static final String ENDS = ".?!…。！？．｡؟۔।॥։።፧፨᠃᠉‼⁇⁈⁉";

  private Sentences() {}

  static boolean isEnd(int c) {
    return ENDS.indexOf(c) >= 0;
  }

  /** Sentences of lines, by the rules of the JDK. */
  static int count(List<String> lines) {
    BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ROOT);
    int count = 0;
    for (String line : lines) {
      sentences.setText(line);
      while (sentences.next() != BreakIterator.DONE) {
        count++;
      }
    }
    return count;
  }
}
