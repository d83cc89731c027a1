package dev.whetstone.datasets.report;

import java.util.Locale;

/** Text into HTML: nothing that a row says can become markup. */
final class Html {
  private static final int CONTROL_PICTURES = 0x2400;

  private Html() {}

  /**
   * Escaped for text and for quoted attributes. Control characters, which browsers swallow, appear
   * as their pictures (U+2400 on); characters that turn the direction of writing, as their number.
   */
  static String escape(String text) {
    var out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\n', '\t' -> out.append((char) c);
                default -> other(c, out);
              }
            });
    return out.toString();
  }

  private static void other(int c, StringBuilder out) {
    boolean turnsWriting = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    if (c < 0x20) {
      out.append((char) (CONTROL_PICTURES + c));
    } else if (c == 0x7F) {
      out.append((char) (CONTROL_PICTURES + 0x21));
    } else if (turnsWriting || (c >= 0x80 && c < 0xA0) || c == 0xFEFF) {
      out.append("[U+%04X]".formatted(c));
    } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
      out.append('\uFFFD');
    } else {
      out.appendCodePoint(c);
    }
  }

  /** With thousands separated. */
  static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A share of 1 as percent; small ones keep a digit. */
  static String percent(double share) {
    double percent = 100 * share;
    return String.format(Locale.ROOT, percent < 10 && percent > 0 ? "%.1f %%" : "%.0f %%", percent);
  }
}
