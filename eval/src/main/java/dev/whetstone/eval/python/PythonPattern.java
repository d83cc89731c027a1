package dev.whetstone.eval.python;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression of Python's {@code re} that Java's engine understands too.
 *
 * <p>Python's {@code .} and {@code $} know only the line feed and its classes are Unicode, hence
 * the flags. Known difference: Java's {@code \w} also takes combining marks, Python's also takes
 * numerals such as ².
 */
public final class PythonPattern {
  private final Pattern pattern;

  /**
   * @throws PatternSyntaxException if Java cannot read it
   */
  public PythonPattern(String expression) {
    pattern = Pattern.compile(expression, Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS);
  }

  /**
   * {@code findall}: for each match the groups in order, an unmatched one empty; the whole match
   * where there is no group.
   */
  public List<List<String>> findAll(String text) {
    var matches = new ArrayList<List<String>>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      var groups = new ArrayList<String>();
      for (int g = 1; g <= matcher.groupCount(); g++) {
        groups.add(matcher.group(g) == null ? "" : matcher.group(g));
      }
      matches.add(groups.isEmpty() ? List.of(matcher.group()) : groups);
    }
    return matches;
  }

  /** {@code sub} with nothing: deletes every match. */
  public String delete(String text) {
    return pattern.matcher(text).replaceAll("");
  }
}
