package dev.whetstone.datasets.personal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
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

  /** The same where each match stands within one of {@code parts}, which do not overlap. */
  static List<Span> all(Pattern pattern, String text, List<Span> parts, Predicate<String> test) {
    if (parts.isEmpty()) {
      return List.of();
    }
    List<Span> spans = new ArrayList<>();
    // Bounds are no borders: what stands outside a part is seen by what looks behind and ahead.
    Matcher matcher = pattern.matcher(text).useTransparentBounds(true).useAnchoringBounds(false);
    for (Span part : parts) {
      matcher.region(part.start, part.end);
      while (matcher.find()) {
        if (test.test(matcher.group())) {
          spans.add(new Span(matcher.start(), matcher.end()));
        }
      }
    }
    return spans;
  }
}
