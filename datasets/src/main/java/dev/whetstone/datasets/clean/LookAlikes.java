package dev.whetstone.datasets.clean;

import java.text.Normalizer;

/**
 * Radicals of dictionaries that look like ideographs, such as U+2F08 like U+4EBA, which PDF files
 * and bad keyboards leave in texts: to a tokenizer they are rare characters of no meaning. Each is
 * put as Unicode's compatibility mapping says: all 214 of the block Kangxi Radicals, and the two of
 * CJK Radicals Supplement that have one. Compatibility ideographs (U+F900 on) need no rule of their
 * own, since NFC maps them.
 */
final class LookAlikes {
  private static final char FIRST = '\u2E80';
  private static final char LAST = '\u2FD5';

  private LookAlikes() {}

  static String unified(String text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= FIRST && c <= LAST) {
        out = out == null ? new StringBuilder(text) : out;
        // Every one of them maps to one character of the basic plane.
        out.setCharAt(i, Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFKC).charAt(0));
      }
    }
    return out == null ? text : out.toString();
  }
}
