package dev.whetstone.datasets.personal;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Addresses with a domain of at least two labels; {@code icon@2x.png} is a file. */
final class EmailAddresses {
  static final Pattern ADDRESS =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}._%+-])[\\p{L}\\p{N}_%+-][\\p{L}\\p{N}._%+-]{0,63}@(?!\\dx\\.)"
              + "(?:[\\p{L}\\p{N}-]{1,63}\\.){1,8}\\p{L}{2,24}(?![\\p{L}\\p{N}-])");

  static final PersonalKind KIND =
      new PersonalKind(
          "EMAIL", "an e-mail address", EmailAddresses::find, t -> t.toLowerCase(Locale.ROOT));

  private EmailAddresses() {}

  private static List<Span> find(Glance glance) {
    return glance.hasAt() ? Span.all(ADDRESS, glance.text(), address -> true) : List.of();
  }
}
