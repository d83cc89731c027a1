package dev.whetstone.datasets.dedup;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A text as the words that texts are compared by: compatibility forms unified (NFKD), marks taken
 * off, lower case, runs of letters and digits; of scripts that write no spaces, each character is a
 * word.
 *
 * <p>As datatrove's {@code simplify_text} (utils/text.py, 0.10.0), with two differences. Numbers
 * stay what they are, where datatrove turns each into 0: two orders that differ in a quantity are
 * two rows. And words are runs of letters and digits in every language, where datatrove asks a
 * tokenizer per language (spaCy for English).
 */
public final class Words {
  private static final Set<UnicodeScript> NO_SPACES =
      EnumSet.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR);

  private Words() {}

  /** The words of {@code text} in order. */
  public static List<String> of(String text) {
    String simple = Normalizer.normalize(text, Normalizer.Form.NFKD).toLowerCase(Locale.ROOT);
    List<String> words = new ArrayList<>();
    var word = new StringBuilder();
    for (int i = 0; i < simple.length(); ) {
      int c = simple.codePointAt(i);
      i += Character.charCount(c);
      if (Character.getType(c) == Character.NON_SPACING_MARK) {
        continue;
      }
      boolean alone = standsAlone(c);
      if (alone || !Character.isLetterOrDigit(c)) {
        flush(word, words);
      }
      if (Character.isLetterOrDigit(c)) {
        word.appendCodePoint(c);
        if (alone) {
          flush(word, words);
        }
      }
    }
    flush(word, words);
    return words;
  }

  /** Whether a character is of a script that writes no spaces between words. */
  public static boolean standsAlone(int c) {
    return c > 0x0E00 && NO_SPACES.contains(UnicodeScript.of(c));
  }

  private static void flush(StringBuilder word, List<String> words) {
    if (word.length() > 0) {
      words.add(word.toString());
      word.setLength(0);
    }
  }
}
