package dev.whetstone.datasets.clean;

import dev.whetstone.datasets.rows.Conversation;
import java.lang.Character.UnicodeScript;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * UTF-8 that was read as Windows-1252 or Latin-1, such as {@code donâ€™t}, read again as what it
 * is.
 *
 * <p>Looked at are groups of characters that, as bytes, are whole sequences of UTF-8; the bytes of
 * what comes out are those that went in. That alone happens in sound text too: {@code „Menü“} in
 * capitals ends in one. So a group is repaired only where it is none that people write:
 *
 * <ul>
 *   <li>two or more characters come out of it, and all letters are of one script, or Latin;
 *   <li>or one punctuation mark, symbol or emoji whose lead bytes people do not write in a row;
 *   <li>or one Latin letter or Latin-1 sign that stands where a letter or sign would;
 *   <li>or nearly all of the text that is not ASCII is such groups, of one script.
 * </ul>
 *
 * <p>What ftfy 6.3 ({@code fix_encoding}) does for seven encodings by a list of unlikely pairs, for
 * the two that make up nearly all of it; a row that speaks of encodings is left alone, since it may
 * show such text on purpose.
 */
final class Mojibake {
  /** The byte of each character up to U+2122 that Windows-1252 or Latin-1 has above 7F; else 0. */
  private static final byte[] BYTES = new byte[0x2123];

  static {
    Charset windows = Charset.forName("windows-1252");
    for (int b = 0x80; b <= 0xFF; b++) {
      // The five bytes that Windows-1252 leaves undefined, and all of Latin-1's, are themselves.
      BYTES[b] = (byte) b;
      char c = new String(new byte[] {(byte) b}, windows).charAt(0);
      if (c < BYTES.length) {
        BYTES[c] = (byte) b;
      }
    }
  }

  private static final Pattern SUBJECT =
      Pattern.compile(
          "(?i)mojibake|utf-?8|\\bunicode|encoding|charset|character set|latin-?1|iso-?8859|\\b1252"
              + "|编码|乱码|文字化け|エンコード|кодировк");

  /** Marks that close or go on after a word: they stand behind sound letters too. */
  private static final String AFTER_WORDS = "’”»›…–—™®°º‘“„‹«";

  private static final int MOST_TIMES = 3;

  /** One character in so many may be none that was misread. */
  private static final int STRAY_SHARE = 10;

  private static final int BYTE_ORDER_MARK = 0xFEFF;

  /** Of the block Latin Extended-B; what follows is of phonetics. */
  private static final int LAST_LATIN = 0x24F;

  private static final Set<UnicodeScript> EAST_ASIAN =
      EnumSet.of(UnicodeScript.HAN, UnicodeScript.HIRAGANA, UnicodeScript.KATAKANA);

  private Mojibake() {}

  /** Whether a conversation speaks of encodings. */
  static boolean isSubject(Conversation row) {
    return Stream.concat(row.messages().stream(), row.rejected().stream())
        .anyMatch(turn -> SUBJECT.matcher(turn.content()).find());
  }

  /** The text repaired, as often as it was misread. */
  static String repaired(String text) {
    String repaired = text;
    for (int i = 0; i < MOST_TIMES; i++) {
      String once = once(repaired);
      if (once.equals(repaired)) {
        break;
      }
      repaired = once;
    }
    // What looked misread twice was not if letters of the first reading are left as controls.
    return controls(repaired) > controls(text) ? text : repaired;
  }

  private static String once(String text) {
    StringBuilder out = null;
    int copied = 0;
    Boolean throughout = null; // asked for only where there is a group
    for (int i = 0; i < text.length(); ) {
      int end = groupEnd(text, i);
      if (end == i) {
        i++;
        continue;
      }
      throughout = throughout == null ? isThroughout(text) : throughout;
      String decoded = decoded(text.substring(i, end));
      if ((throughout || isMeant(text, i, end, decoded)) && isSound(decoded)) {
        out = out == null ? new StringBuilder(text.length()) : out;
        out.append(text, copied, i).append(decoded);
        copied = end;
      }
      i = end;
    }
    return out == null ? text : out.append(text, copied, text.length()).toString();
  }

  /**
   * Whether a text is misread from end to end: two groups or more that are no letter with a mark
   * behind it, and little else that is not ASCII.
   */
  private static boolean isThroughout(String text) {
    int groups = 0;
    int within = 0;
    int strays = 0;
    var letters = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int end = groupEnd(text, i);
      if (end > i) {
        groups += end - i > 2 || AFTER_WORDS.indexOf(text.charAt(i + 1)) < 0 ? 1 : 0;
        within += end - i;
        letters.append(decoded(text.substring(i, end)));
        i = end;
      } else {
        strays += text.charAt(i++) > 0x7F ? 1 : 0;
      }
    }
    return groups > 1
        && strays * STRAY_SHARE <= within
        && text.indexOf('×') < 0 // between numbers it is a sign, in misread Hebrew a letter
        && isOneScript(letters.codePoints().toArray());
  }

  private static long controls(String text) {
    return text.chars().filter(Character::isISOControl).count();
  }

  private static int groupEnd(String text, int start) {
    int end = start;
    while (end < text.length()) {
      int length = sequenceLength(byteOf(text.charAt(end)));
      int next = end + length;
      if (length == 0 || next > text.length()) {
        return end;
      }
      for (int i = end + 1; i < next; i++) {
        if ((byteOf(text.charAt(i)) & 0xC0) != 0x80) {
          return end;
        }
      }
      if (decoded(text.substring(end, next)) == null) {
        return end;
      }
      end = next;
    }
    return end;
  }

  /** Bytes of a sequence that begins with this one; 0 for one that begins none (RFC 3629). */
  private static int sequenceLength(int lead) {
    if (lead >= 0xC2 && lead <= 0xDF) {
      return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
      return 3;
    }
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
  }

  private static int byteOf(char c) {
    return c < BYTES.length ? BYTES[c] & 0xFF : 0;
  }

  /** Null if the bytes are no UTF-8, such as those of a surrogate. */
  private static String decoded(String group) {
    byte[] bytes = new byte[group.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) byteOf(group.charAt(i));
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean isMeant(String text, int start, int end, String decoded) {
    int[] points = decoded.codePoints().toArray();
    if (points.length > 1) {
      return !isStray(text, start - 1) && isOneScript(points);
    }
    char before = start == 0 ? ' ' : text.charAt(start - 1);
    char after = end == text.length() ? ' ' : text.charAt(end);
    boolean isMark = AFTER_WORDS.indexOf(text.charAt(start + 1)) >= 0;
    if (end - start > 2) {
      // Box drawing and most of what else begins with a closing quote behind its lead is none of
      // these: à»…, é”… and â”… are a word, its quote and dots.
      return points[0] == BYTE_ORDER_MARK || (!Character.isLetter(points[0]) && !isMark);
    }
    if (Character.isUpperCase(before) || isStray(text, start - 1) || points[0] > LAST_LATIN) {
      return false;
    }
    char lead = text.charAt(start);
    return lead == 'Â'
        || (lead == 'Ã' && (!isMark || (points[0] == '×' && !Character.isLetter(before))))
        || isSmallLetter(before)
        || isSmallLetter(after);
  }

  /** Whether a byte stands at {@code at} that belongs to no sequence, as in {@code «Å»}. */
  private static boolean isStray(String text, int at) {
    return at >= 0 && (byteOf(text.charAt(at)) & 0xC0) == 0x80;
  }

  private static boolean isSmallLetter(char c) {
    return c >= 'a' && c <= 'z';
  }

  private static boolean isOneScript(int[] points) {
    Set<UnicodeScript> scripts = EnumSet.noneOf(UnicodeScript.class);
    Arrays.stream(points)
        .filter(Character::isLetter)
        .mapToObj(UnicodeScript::of)
        .map(script -> EAST_ASIAN.contains(script) ? UnicodeScript.HAN : script)
        .forEach(scripts::add);
    // Some letters, such as that which lengthens a kana, are common to scripts.
    scripts.removeAll(EnumSet.of(UnicodeScript.LATIN, UnicodeScript.COMMON));
    return scripts.size() <= 1;
  }

  /** Whether nothing in it is unassigned or for private use. */
  private static boolean isSound(String text) {
    return text.codePoints()
        .noneMatch(
            c ->
                !Character.isDefined(c)
                    || Character.getType(c) == Character.PRIVATE_USE
                    || c == 0xFFFD);
  }
}
