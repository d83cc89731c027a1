package dev.whetstone.eval.filter;

import dev.whetstone.eval.python.PythonText;

/** Strips both ends. */
final class WhitespaceFilter {
  static final FilterKind KIND =
      new FilterKind(
          "remove_whitespace",
          arguments -> responses -> Filters.onTexts(responses, PythonText::strip));

  private WhitespaceFilter() {}
}
