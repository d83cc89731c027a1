package dev.whetstone.datasets.report;

import static dev.whetstone.datasets.report.Html.escape;
import static dev.whetstone.datasets.report.Html.number;

/** Texts side by side, what differs marked. */
final class Figures {
  private static final int TEXT_CHARACTERS = 1500;

  private Figures() {}

  /** A text with the stretch marked in which it differs from another. */
  static String figure(String caption, String text, String other) {
    int limit = Math.min(text.length(), other.length());
    int from = 0;
    while (from < limit && text.charAt(from) == other.charAt(from)) {
      from++;
    }
    int same = 0;
    while (same < limit - from
        && text.charAt(text.length() - 1 - same) == other.charAt(other.length() - 1 - same)) {
      same++;
    }
    int to = text.length() - same;
    String body =
        from >= to
            ? escape(shortened(text))
            : escape(text.substring(0, from))
                + "<mark>"
                + escape(shortened(text.substring(from, to)))
                + "</mark>"
                + escape(shortened(text.substring(to)));
    return "<figure><figcaption>%s</figcaption><pre>%s</pre></figure>".formatted(caption, body);
  }

  private static String shortened(String text) {
    return text.length() <= TEXT_CHARACTERS
        ? text
        : text.substring(0, TEXT_CHARACTERS)
            + " … %s more characters".formatted(number(text.length() - TEXT_CHARACTERS));
  }
}
