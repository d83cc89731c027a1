package dev.whetstone.datasets.dedup;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** The small letter or the digit that an ASCII character is to a word, 0 if it ends one. */
  private static final char[] ASCII = new char[0x80];

  static {
    for (char c = 0; c < ASCII.length; c++) {
      ASCII[c] = Character.isLetterOrDigit(c) ? Character.toLowerCase(c) : 0;
    }
  }

  /** The only letter whose small form depends on what stands around it. */
  private static final char SIGMA = '\u03A3';

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

  /**
   * {@link Hash64#of(String)} of each word, as of {@link #of}, without making the words.
   *
   * <p>ASCII characters neither decompose nor take part in what others decompose to, so only the
   * stretches between them need a normal form.
   */
  public static long[] hashes(String text) {
    var hashes = new Hashes(text.length() / 4 + 8);
    char[] units = text.toCharArray();
    for (int i = 0; i < units.length; ) {
      if (units[i] < ASCII.length) {
        i = hashes.addPlain(units, i);
        continue;
      }
      int end = i + 1;
      while (end < units.length && units[end] >= ASCII.length) {
        end++;
      }
      String simple = Normalizer.normalize(text.substring(i, end), Normalizer.Form.NFKD);
      if (simple.indexOf(SIGMA) >= 0) {
        return of(text).stream().mapToLong(Hash64::of).toArray();
      }
      hashes.addAll(simple.toLowerCase(Locale.ROOT));
      i = end;
    }
    return hashes.finish();
  }

  /** Whether a character is of a script that writes no spaces between words. */
  public static boolean standsAlone(int c) {
    return c > 0x0E00 && ((c >= 0x4E00 && c <= 0x9FFF) || NO_SPACES.contains(UnicodeScript.of(c)));
  }

  private static void flush(StringBuilder word, List<String> words) {
    if (word.length() > 0) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  /** Hashes of words that come character by character. */
  private static final class Hashes {
    private long[] hashes;
    private int count;
    private long word = Hash64.START;
    private boolean within;

    Hashes(int expected) {
      this.hashes = new long[expected];
    }

    /** A character of a word, or 0 for its end. */
    void add(char c) {
      if (c != 0) {
        word = Hash64.step(word, c);
        within = true;
      } else if (within) {
        end();
      }
    }

    /** The ASCII characters from one on; the place of the first that is none. */
    int addPlain(char[] units, int from) {
      long hash = word; // fields would be written at every character
      boolean open = within;
      int i = from;
      for (; i < units.length && units[i] < ASCII.length; i++) {
        char small = ASCII[units[i]];
        if (small != 0) {
          hash = Hash64.step(hash, small);
          open = true;
        } else if (open) {
          word = hash;
          end();
          hash = word;
          open = false;
        }
      }
      word = hash;
      within = open;
      return i;
    }

    void addAll(String simple) {
      for (int i = 0; i < simple.length(); ) {
        int c = simple.codePointAt(i);
        int size = Character.charCount(c);
        if (Character.isLetterOrDigit(c)) {
          boolean alone = standsAlone(c);
          if (alone && within) {
            end();
          }
          add(simple.charAt(i));
          if (size > 1) {
            add(simple.charAt(i + 1));
          }
          if (alone) {
            end();
          }
        } else if (within && Character.getType(c) != Character.NON_SPACING_MARK) {
          end();
        }
        i += size;
      }
    }

    private void end() {
      if (count == hashes.length) {
        hashes = Arrays.copyOf(hashes, 2 * count);
      }
      hashes[count++] = Hash64.mix(word);
      word = Hash64.START;
      within = false;
    }

    long[] finish() {
      if (within) {
        end();
      }
      return Arrays.copyOf(hashes, count);
    }
  }
}
