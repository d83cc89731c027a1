package dev.whetstone.datasets.personal;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The part [start, end) of a text, in UTF-16 units. */
record Span(int start, int end) {
  /** Where a pattern matches and what it matched passes a test. */
  static List<Span> all(Pattern pattern, String text, Predicate<String> test) {
    return pattern
        .matcher(text)
        .results()
        .filter(match -> test.test(match.group()))
        .map(match -> new Span(match.start(), match.end()))
        .toList();
  }
}
