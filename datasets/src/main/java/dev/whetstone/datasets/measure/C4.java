package dev.whetstone.datasets.measure;

import static dev.whetstone.datasets.measure.Bound.NONE;
import static dev.whetstone.datasets.measure.Bound.atLeast;
import static dev.whetstone.datasets.measure.Bound.atMost;

import java.util.List;
import java.util.Locale;

/**
 * The rules of C4 (arXiv 1910.10683, section 2.2), as datatrove 0.10.0 has them
 * (filters/c4_filters.py). There most of them take lines out of a page; an answer with lines taken
 * out is another answer, so here they measure how many lines would go. The rule against braces,
 * which drops whatever holds a program or JSON, counts for pages only.
 */
final class C4 {
  private static final List<String> POLICIES =
      List.of(
          "terms of use",
          "privacy policy",
          "cookie policy",
          "uses cookies",
          "use of cookies",
          "use cookies");

  /** One of these is in each of {@link #POLICIES}; most texts hold none. */
  private static final List<String> POLICY_SIGNS =
      List.of("cookie", "terms of use", "privacy policy");

  private static final List<String> JAVASCRIPT = List.of("javascript");

  private static final int LONGEST_WORD = 1000;

  private C4() {}

  static List<Measure> measures() {
    return List.of(
        new Measure("c4_sentences", "sentences", atLeast(5), NONE, C4::sentences),
        new Measure("c4_braces", "opening braces", atMost(0), NONE, p -> p.symbols('{')),
        new Measure(
            "c4_lorem_ipsum",
            "times that it says lorem ipsum",
            atMost(0),
            atMost(0),
            p -> count(p, "lorem ipsum")),
        new Measure(
            "c4_javascript_lines",
            "lines that name JavaScript, of all",
            atMost(0.5),
            NONE,
            p -> linesThatSay(p, JAVASCRIPT, JAVASCRIPT)),
        new Measure(
            "c4_policy_lines",
            "lines about cookies, privacy or terms of use, of all",
            atMost(0.5),
            NONE,
            p -> linesThatSay(p, POLICY_SIGNS, POLICIES)),
        new Measure(
                "c4_longest_word",
                "characters of the longest word",
                atMost(LONGEST_WORD),
                atMost(LONGEST_WORD),
                C4::longestWord)
            .whereSpaced());
  }

  private static double sentences(Passage passage) {
    return passage.text().isBlank() ? 0 : Sentences.count(passage.lines());
  }

  /** Lines that hold one of {@code parts}, of all; none in a text without one of {@code signs}. */
  private static double linesThatSay(Passage passage, List<String> signs, List<String> parts) {
    return !holdsOne(passage.lower(), signs)
        ? 0
        : passage.shareOfLines(line -> holdsOne(line.toLowerCase(Locale.ROOT), parts));
  }

  private static boolean holdsOne(String text, List<String> parts) {
    for (String part : parts) {
      if (text.contains(part)) {
        return true;
      }
    }
    return false;
  }

  private static double longestWord(Passage passage) {
    int longest = 0;
    int at = 0;
    String text = passage.text();
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || isSpace(text.charAt(i))) {
        longest = Math.max(longest, i - at);
        at = i + 1;
      }
    }
    return longest;
  }

  private static boolean isSpace(char c) {
    boolean seen = c > ' ' && c < 0x7F; // of all others the JDK is asked
    return !seen && Character.isWhitespace(c);
  }

  private static double count(Passage passage, String part) {
    String lower = passage.lower();
    int count = 0;
    for (int at = lower.indexOf(part); at >= 0; at = lower.indexOf(part, at + 1)) {
      count++;
    }
    return count;
  }
}
