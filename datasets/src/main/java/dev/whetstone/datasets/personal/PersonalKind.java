package dev.whetstone.datasets.personal;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A kind of personal data or of secrets. A new one is one file and one line in {@link
 * Findings#KINDS}.
 *
 * @param name that stands in its place, such as {@code EMAIL}
 * @param words for people, such as {@code an e-mail address}
 * @param finder where it stands in a text
 * @param canonical the form in which two spellings of the same are equal
 */
record PersonalKind(
    String name,
    String words,
    Function<Glance, List<Span>> finder,
    UnaryOperator<String> canonical) {
  /** The digits of a text. */
  static String digits(String text) {
    return text.replaceAll("\\D", "");
  }
}
