package dev.whetstone.eval.filter;

import java.util.Locale;

/** Lower or upper case, without a locale. */
final class LetterCase {
  static final FilterKind LOWER =
      new FilterKind(
          "lowercase",
          arguments ->
              responses -> Filters.onTexts(responses, text -> text.toLowerCase(Locale.ROOT)));
  static final FilterKind UPPER =
      new FilterKind(
          "uppercase",
          arguments ->
              responses -> Filters.onTexts(responses, text -> text.toUpperCase(Locale.ROOT)));

  private LetterCase() {}
}
