package dev.whetstone.datasets.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.datasets.AnyText;
import java.text.BreakIterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SentencesTest {
  private static final String[] PIECES = {
    ".", ".", "?", "!", "...", ". ", "? ", "! ", " ", "a", "B", "word", "Word", "3", ",", "\"", "'",
    "(", ")", "[", "]", "{", "}", "<", ">", "-", ":", ";", "$", "%", "e.g.", "Mr. ", "3.5", "\t",
    "\u00A0", "\u3002", "\u00E9", "\u2026"
  };

  /** The rules of the JDK on the whole line. */
  private static int byRules(String line) {
    BreakIterator rules = BreakIterator.getSentenceInstance(Locale.ROOT);
    rules.setText(line);
    int count = 0;
    while (rules.next() != BreakIterator.DONE) {
      count++;
    }
    return count;
  }

  @Test
  void countsAsTheRulesOfTheWholeLine() {
    for (long seed = 0; seed < 20_000; seed++) {
      var random = new Random(seed);
      int kinds = random.nextInt(4) == 0 ? PIECES.length : PIECES.length - 5; // mostly plain ASCII
      var line = new StringBuilder();
      for (int n = random.nextInt(20); n > 0; n--) {
        line.append(random.nextInt(200) == 0 ? AnyText.of(random) : PIECES[random.nextInt(kinds)]);
      }
      assertThat(Sentences.count(List.of(line.toString())))
          .as("seed %d: %s", seed, line)
          .isEqualTo(byRules(line.toString()));
    }
  }
}
