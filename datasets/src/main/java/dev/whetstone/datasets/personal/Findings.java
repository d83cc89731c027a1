package dev.whetstone.datasets.personal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Personal data and secrets in a text, in the order in which they stand. Names and postal addresses
 * are not found.
 */
public final class Findings {
  /** Asked in this order: where two see the same characters, the first names them. */
  static final List<PersonalKind> KINDS =
      List.of(
          Secrets.KIND,
          EmailAddresses.KIND,
          IdentityNumbers.KIND,
          CardNumbers.KIND,
          IpAddresses.KIND,
          PhoneNumbers.KIND);

  record Finding(PersonalKind kind, Span span) {}

  private final String text;
  private final List<Finding> found;

  private Findings(String text, List<Finding> found) {
    this.text = text;
    this.found = found;
  }

  /** All that is found in {@code text}. */
  public static Findings in(String text) {
    if (text.isEmpty()) {
      return new Findings(text, List.of());
    }
    Glance glance = Glance.of(text);
    List<Finding> found = new ArrayList<>();
    for (PersonalKind kind : KINDS) {
      for (Span span : kind.finder().apply(glance)) {
        boolean overlaps =
            found.stream()
                .map(Finding::span)
                .anyMatch(f -> span.start() < f.end() && f.start() < span.end());
        if (!overlaps) {
          found.add(new Finding(kind, span));
        }
      }
    }
    found.sort(Comparator.comparingInt(finding -> finding.span().start()));
    return new Findings(text, found);
  }

  List<Finding> all() {
    return List.copyOf(found);
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /** What the first one is, for people, such as {@code an e-mail address}. */
  public String first() {
    return found.get(0).kind().words();
  }

  /** The text with the name of its kind in the place of each, such as {@code [EMAIL]}. */
  public String redacted() {
    return replaced((kind, value) -> "[" + kind.name() + "]");
  }

  /** The text with a pseudonym in the place of each, such as {@code [EMAIL-k3v7q2nd]}. */
  public String pseudonymised(Pseudonyms pseudonyms) {
    return replaced(pseudonyms::of);
  }

  private String replaced(BiFunction<PersonalKind, String, String> replacement) {
    var out = new StringBuilder();
    int at = 0;
    for (Finding finding : found) {
      Span span = finding.span();
      String value = text.substring(span.start(), span.end());
      out.append(text, at, span.start()).append(replacement.apply(finding.kind(), value));
      at = span.end();
    }
    return at == 0 ? text : out.append(text, at, text.length()).toString();
  }
}
