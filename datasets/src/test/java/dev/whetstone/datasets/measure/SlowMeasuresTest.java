package dev.whetstone.datasets.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.datasets.AnyText;
import dev.whetstone.datasets.dedup.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Measures against their definitions, written as plainly as can be. */
class SlowMeasuresTest {
  private record Token(String text, boolean word, boolean lettered) {}

  @Test
  void measuresAreWhatTheirDefinitionsSay() {
    int judged = 0;
    for (long seed = 0; seed < 1500; seed++) {
      String text = text(new Random(seed));
      double[] fast = Measures.of(Passage.of(text));
      Map<String, Double> slow = slow(text);
      for (int m = 0; m < fast.length; m++) {
        String key = Measures.ALL.get(m).key();
        Double expected = slow.get(key);
        if (expected == null || Double.isNaN(fast[m])) {
          continue; // NaN is a matter of words and script: MeasuresTest
        }
        assertThat(fast[m])
            .as("seed %d, %s: %s", seed, key, text)
            .isCloseTo(expected, within(1e-12));
        judged += key.startsWith("gopher_repeated_") && expected > 0 ? 1 : 0;
      }
    }
    assertThat(judged).isGreaterThan(1000);
  }

  /** Stretches of any text, some of them said again. */
  private static String text(Random random) {
    List<String> said = new ArrayList<>();
    for (int n = random.nextInt(1, 12); n > 0; n--) {
      boolean again = !said.isEmpty() && random.nextInt(4) == 0;
      said.add(again ? said.get(random.nextInt(said.size())) : AnyText.of(random));
    }
    String joint = List.of(" ", "\n", "\n\n", " privacy policy\n").get(random.nextInt(4));
    return String.join(joint, said);
  }

  private static Map<String, Double> slow(String text) {
    Map<String, Double> slow = new HashMap<>();
    List<Token> tokens = tokens(text);
    List<Token> words = tokens.stream().filter(Token::word).toList();
    List<String> lines = List.of(text.strip().split("\\n+"));
    List<String> paragraphs = List.of(text.strip().split("\\n{2,}"));
    slow.put("gopher_words", (double) words.size());
    if (!words.isEmpty()) {
      slow.put(
          "gopher_mean_word_length",
          words.stream().mapToInt(w -> w.text().length()).average().orElseThrow());
      slow.put(
          "gopher_alphabetic_words",
          (double) tokens.stream().filter(Token::lettered).count() / tokens.size());
      slow.put(
          "fineweb_line_breaks",
          (double) text.chars().filter(c -> c == '\n').count() / tokens.size());
    }
    Set<String> all = tokens.stream().map(Token::text).collect(Collectors.toSet());
    all.retainAll(Set.of("the", "be", "to", "of", "and", "that", "have", "with"));
    slow.put("gopher_stop_words", (double) all.size());
    int copies = lines.size() - new HashSet<>(lines).size();
    slow.put("gopher_repeated_lines", (double) copies / lines.size());
    copies = paragraphs.size() - new HashSet<>(paragraphs).size();
    slow.put("gopher_repeated_paragraphs", (double) copies / paragraphs.size());
    for (int n = 2; n <= 4; n++) {
      slow.put("gopher_top_%d_gram".formatted(n), topRun(tokens, n) / text.length());
    }
    for (int n = 5; n <= 10; n++) {
      slow.put("gopher_repeated_%d_grams".formatted(n), repeatedRuns(tokens, n) / text.length());
    }
    slow.put("c4_javascript_lines", share(text, lines, "javascript"));
    slow.put("c4_policy_lines", share(text, lines, "privacy policy"));
    int longest = 0;
    for (String part : spaced(text)) {
      longest = Math.max(longest, part.length());
    }
    slow.put("c4_longest_word", (double) longest);
    return slow;
  }

  private static List<String> spaced(String text) {
    List<String> parts = new ArrayList<>(List.of(""));
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isWhitespace(c)) {
        parts.add("");
      } else {
        parts.add(parts.remove(parts.size() - 1) + c);
      }
    }
    return parts;
  }

  private static double share(String text, List<String> lines, String part) {
    return text.isBlank()
        ? 0
        : (double) lines.stream().filter(l -> l.toLowerCase(Locale.ROOT).contains(part)).count()
            / lines.size();
  }

  private static List<Token> tokens(String text) {
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int end = i + Character.charCount(c);
      boolean letter = Character.isLetter(c);
      if (Words.standsAlone(c)) {
        tokens.add(new Token(text.substring(i, end), Character.isLetterOrDigit(c), letter));
      } else if (Character.isLetterOrDigit(c)) {
        while (end < text.length() && goesOn(text, end)) {
          letter |= Character.isLetter(text.codePointAt(end));
          end += Character.charCount(text.codePointAt(end));
        }
        tokens.add(new Token(text.substring(i, end), true, letter));
      } else if (!Character.isWhitespace(c) && !Character.isSpaceChar(c)) {
        tokens.add(new Token(text.substring(i, end), false, false));
      }
      i = end;
    }
    return tokens;
  }

  private static boolean goesOn(String text, int at) {
    int c = text.codePointAt(at);
    boolean joint = c == '\'' || c == '\u2019' || c == '-';
    if (joint && at + 1 < text.length()) {
      int next = text.codePointAt(at + 1);
      return Character.isLetterOrDigit(next) && !Words.standsAlone(next);
    }
    return !Words.standsAlone(c)
        && (Character.isLetterOrDigit(c) || Character.getType(c) == Character.NON_SPACING_MARK);
  }

  private static double topRun(List<Token> tokens, int n) {
    Map<String, Integer> counts = new HashMap<>();
    String best = "";
    int most = 1;
    for (int t = 0; t + n <= tokens.size(); t++) {
      String run = run(tokens, t, n);
      int count = counts.merge(run, 1, Integer::sum);
      if (count > most) {
        most = count;
        best = run;
      }
    }
    return (double) best.length() * most;
  }

  private static double repeatedRuns(List<Token> tokens, int n) {
    Set<String> seen = new HashSet<>();
    double repeated = 0;
    for (int t = 0; t + n <= tokens.size(); ) {
      String run = run(tokens, t, n);
      if (seen.add(run)) {
        t++;
      } else {
        repeated += run.length() - (n - 1); // what stands between tokens does not count
        t += n;
      }
    }
    return repeated;
  }

  private static String run(List<Token> tokens, int from, int n) {
    return tokens.subList(from, from + n).stream()
        .map(Token::text)
        .collect(Collectors.joining(" "));
  }
}
