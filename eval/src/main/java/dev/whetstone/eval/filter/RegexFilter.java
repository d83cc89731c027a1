package dev.whetstone.eval.filter;

import dev.whetstone.eval.python.PythonPattern;
import dev.whetstone.eval.python.PythonText;
import dev.whetstone.eval.task.Arguments;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * What an expression finds in an answer: of all matches the chosen one, of its groups the first
 * that is not empty. As {@code lm_eval/filters/extraction.py}, RegexFilter.
 */
final class RegexFilter {
  static final FilterKind KIND = new FilterKind("regex", RegexFilter::of);

  private final PythonPattern pattern;
  private final int select;
  private final String fallback;

  private RegexFilter(PythonPattern pattern, int select, String fallback) {
    this.pattern = pattern;
    this.select = select;
    this.fallback = fallback;
  }

  private static AnswerFilter of(Arguments arguments) {
    PythonPattern pattern;
    try {
      pattern = new PythonPattern(arguments.text("regex_pattern", "#### (\\-?[0-9\\.\\,]+)"));
    } catch (PatternSyntaxException e) {
      throw arguments.wrong("regex_pattern cannot be read: " + e.getDescription());
    }
    var filter =
        new RegexFilter(
            pattern, arguments.integer("group_select", 0), arguments.text("fallback", "[invalid]"));
    return responses -> Filters.onTexts(responses, filter::extract);
  }

  private String extract(String text) {
    List<List<String>> matches = pattern.findAll(text);
    int place = select < 0 ? matches.size() + select : select;
    if (place < 0 || place >= matches.size()) {
      return fallback; // lm-eval raises where some matches exist, but not that many
    }
    List<String> groups = matches.get(place);
    if (groups.size() == 1) {
      return PythonText.strip(groups.get(0));
    }
    return groups.stream()
        .filter(group -> !group.isEmpty())
        .findFirst()
        .map(PythonText::strip)
        .orElse(fallback);
  }
}
