package dev.whetstone.datasets.clean;

import java.lang.Character.UnicodeScript;
import java.util.EnumSet;
import java.util.Set;

/**
 * Characters that nobody sees and that a model reads: they hide text from people (tags and runs of
 * variation selectors), show it in another order than it stands in (Trojan Source, CVE-2021-42574),
 * or cut words in two. They go where they do no work; they stay where a script or an emoji needs
 * them:
 *
 * <ul>
 *   <li>joiners (U+200C, U+200D) beside letters of scripts that join, and U+200D inside an emoji;
 *   <li>the zero-width space beside scripts that write none, where it says where a word ends;
 *   <li>marks, embeddings and isolates of direction in a text with letters from right to left, but
 *       for overrides, and for embeddings beside them;
 *   <li>one variation selector behind a character; tags behind the flag U+1F3F4.
 * </ul>
 */
final class InvisibleCharacters {
  private static final Set<UnicodeScript> WITHOUT_JOINERS =
      EnumSet.of(
          UnicodeScript.COMMON,
          UnicodeScript.LATIN,
          UnicodeScript.GREEK,
          UnicodeScript.CYRILLIC,
          UnicodeScript.ARMENIAN,
          UnicodeScript.GEORGIAN,
          UnicodeScript.HEBREW,
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.HANGUL,
          UnicodeScript.BOPOMOFO,
          UnicodeScript.INHERITED,
          UnicodeScript.UNKNOWN);

  private static final Set<UnicodeScript> ZERO_WIDTH_SPACES =
      EnumSet.of(UnicodeScript.THAI, UnicodeScript.LAO, UnicodeScript.KHMER, UnicodeScript.MYANMAR);

  private static final int BLACK_FLAG = 0x1F3F4;

  private InvisibleCharacters() {}

  static String removed(String text) {
    int first = 0;
    while (first < text.length() && !mayBeInvisible(text.charAt(first))) {
      first++;
    }
    if (first == text.length()) {
      return text;
    }
    Directions directions = Directions.of(text);
    var out = new StringBuilder(text.length()).append(text, 0, first);
    boolean inFlag = false; // behind U+1F3F4 or a tag that stands behind it
    for (int i = first; i < text.length(); ) {
      int c = text.codePointAt(i);
      int end = i + Character.charCount(c);
      int before = out.length() == 0 ? ' ' : out.codePointBefore(out.length());
      inFlag = before == BLACK_FLAG || (inFlag && isTag(before));
      if (!isInvisible(c) || keeps(c, before, next(text, end), inFlag, directions)) {
        out.appendCodePoint(c);
      }
      i = end;
    }
    return out.length() == text.length() ? text : out.toString();
  }

  /** The next character that is seen; a space at the end. */
  private static int next(String text, int from) {
    for (int i = from; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (!isInvisible(c)) {
        return c;
      }
      i += Character.charCount(c);
    }
    return ' ';
  }

  private static boolean mayBeInvisible(char c) {
    return c == 0xAD
        || c == 0x61C
        || (c >= 0x200B && c <= 0x206F)
        || (c >= 0xFE00 && c <= 0xFE0F)
        || (c >= 0xFFF9 && c <= 0xFFFB)
        || c == 0xDB40; // high surrogate of tags and selectors
  }

  private static boolean isInvisible(int c) {
    return c == 0xAD
        || (c >= 0x200B && c <= 0x200F)
        || isDirection(c)
        || c == 0x2060
        || (c >= 0x206A && c <= 0x206F)
        || (c >= 0xFFF9 && c <= 0xFFFB)
        || isSelector(c)
        || isTag(c);
  }

  private static boolean isDirection(int c) {
    return c == 0x61C
        || c == 0x200E
        || c == 0x200F
        || (c >= 0x202A && c <= 0x202E)
        || (c >= 0x2066 && c <= 0x2069);
  }

  private static boolean isSelector(int c) {
    return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
  }

  private static boolean isTag(int c) {
    return c >= 0xE0000 && c <= 0xE007F;
  }

  private static boolean keeps(
      int c, int before, int after, boolean inFlag, Directions directions) {
    if (isDirection(c)) {
      return directions.keep(c);
    }
    if (isSelector(c)) {
      return !isSelector(before) && !Character.isWhitespace(before);
    }
    if (isTag(c)) {
      return inFlag;
    }
    return switch (c) {
      case 0x200B ->
          ZERO_WIDTH_SPACES.contains(UnicodeScript.of(before))
              || ZERO_WIDTH_SPACES.contains(UnicodeScript.of(after));
      case 0x200C -> joins(before) || joins(after);
      case 0x200D -> joins(before) || joins(after) || (isPictograph(before) && isPictograph(after));
      default -> false;
    };
  }

  private static boolean joins(int c) {
    // Vowel signs of Arabic count as inherited from the letter below them.
    return (c >= 0x64B && c <= 0x670) || !WITHOUT_JOINERS.contains(UnicodeScript.of(c));
  }

  /** An emoji, or what stands behind one: a skin tone, a selector. */
  private static boolean isPictograph(int c) {
    int type = Character.getType(c);
    return type == Character.OTHER_SYMBOL || type == Character.MODIFIER_SYMBOL || c == 0xFE0F;
  }

  /**
   * @param rightToLeft whether the text has a letter that is written from right to left
   * @param overridden whether it has an override
   */
  private record Directions(boolean rightToLeft, boolean overridden) {
    static Directions of(String text) {
      boolean rightToLeft = false;
      boolean overridden = false;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        byte direction = Character.getDirectionality(c);
        rightToLeft |=
            Character.isLetter(c)
                && (direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                    || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC);
        overridden |= c == 0x202D || c == 0x202E;
      }
      return new Directions(rightToLeft, overridden);
    }

    /** An override ends with the sign that an embedding ends with, so both go. */
    boolean keep(int c) {
      boolean embedding = c >= 0x202A && c <= 0x202E;
      return rightToLeft && !(embedding && overridden);
    }
  }
}
