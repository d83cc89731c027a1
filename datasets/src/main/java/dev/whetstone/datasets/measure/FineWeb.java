package dev.whetstone.datasets.measure;

import static dev.whetstone.datasets.measure.Bound.NONE;
import static dev.whetstone.datasets.measure.Bound.atLeast;
import static dev.whetstone.datasets.measure.Bound.atMost;

import java.util.List;

/**
 * The rules that FineWeb added (arXiv 2406.17557, section 3.6), as datatrove 0.10.0 has them
 * (filters/fineweb_quality_filter.py). None of them is safe for answers: a poem, a list or one line
 * without a full stop would go.
 */
final class FineWeb {
  private static final int SHORT_LINE = 30;

  private FineWeb() {}

  static List<Measure> measures() {
    return List.of(
        new Measure(
            "fineweb_ended_lines",
            "lines that end with a mark that ends a sentence, of all",
            atLeast(0.12),
            NONE,
            p -> p.shareOfLines(FineWeb::isEnded)),
        new Measure(
            "fineweb_short_lines",
            "lines of at most %d characters, of all".formatted(SHORT_LINE),
            atMost(0.67),
            NONE,
            p -> p.shareOfLines(line -> line.length() <= SHORT_LINE)),
        new Measure(
            "fineweb_repeated_line_characters",
            "characters in repeated lines, of all but line breaks",
            atMost(0.01),
            NONE,
            FineWeb::repeatedCharacters),
        new Measure(
                "fineweb_line_breaks",
                "line breaks for each word or symbol",
                atMost(0.3),
                NONE,
                p -> (double) lineBreaks(p.text()) / p.tokens())
            .whereSpaced());
  }

  /** A mark that ends a sentence in any script, a closing quote or bracket behind it set aside. */
  private static boolean isEnded(String line) {
    int end = line.length();
    while (end > 0) {
      int c = line.codePointBefore(end);
      if (Sentences.isEnd(c)) {
        return true;
      }
      int type = Character.getType(c);
      boolean closes =
          c == '"'
              || c == '\''
              || type == Character.FINAL_QUOTE_PUNCTUATION
              || type == Character.END_PUNCTUATION;
      if (!closes) {
        return false;
      }
      end -= Character.charCount(c);
    }
    return false;
  }

  private static int lineBreaks(String text) {
    int count = 0;
    for (int at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      count++;
    }
    return count;
  }

  private static double repeatedCharacters(Passage passage) {
    int all = passage.text().length() - lineBreaks(passage.text());
    return all == 0 ? Double.NaN : (double) Repetition.characters(passage.lines()) / all;
  }
}
