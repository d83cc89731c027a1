package dev.whetstone.datasets.measure;

import static dev.whetstone.datasets.measure.Bound.NONE;
import static dev.whetstone.datasets.measure.Bound.atLeast;
import static dev.whetstone.datasets.measure.Bound.atMost;
import static dev.whetstone.datasets.measure.Bound.within;

import dev.whetstone.datasets.dedup.Hash64;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The rules of Gopher (arXiv 2112.11446, appendix A1.1 and table A1), as datatrove 0.10.0 reads
 * them (filters/gopher_quality_filter.py and gopher_repetition_filter.py). Repetition is measured
 * of texts that have the words which its first rule asks for: of shorter ones a single repeated
 * phrase is a large share.
 *
 * <p>For answers of an assistant only repetition counts, since they may be short, a list, a number,
 * or full of headings that begin with a hash; and only {@link #CHAT_SHARE} of a text is too much:
 * its own bounds would drop 575 of GSM8K's 7,473 answers, whose arithmetic says phrases again.
 */
final class Gopher {
  private static final int LEAST_WORDS = 50;

  /** The most of GSM8K's answers is 0.485, of self-instruct's seeds 0.360 (docs/LOG.md). */
  private static final double CHAT_SHARE = 0.5;

  private static final List<String> STOP_WORDS =
      List.of("the", "be", "to", "of", "and", "that", "have", "with");

  private static final long[] STOP_HASHES = STOP_WORDS.stream().mapToLong(Hash64::of).toArray();

  private static final int LONGEST_STOP_WORD = 4;

  private Gopher() {}

  static List<Measure> measures() {
    List<Measure> all = new ArrayList<>();
    all.add(
        new Measure("gopher_words", "words", within(LEAST_WORDS, 100_000), NONE, Passage::words)
            .whereSpaced());
    all.add(
        new Measure(
                "gopher_mean_word_length",
                "characters of a word, on average",
                within(3, 10),
                NONE,
                Gopher::meanWordLength)
            .whereSpaced());
    all.add(
        new Measure(
                "gopher_hashes",
                "signs # for each word or symbol",
                atMost(0.1),
                NONE,
                p -> ofTokens(p, p.symbols('#')))
            .whereSpaced());
    all.add(
        new Measure(
                "gopher_ellipses",
                "ellipses for each word or symbol",
                atMost(0.1),
                NONE,
                p -> ofTokens(p, ellipses(p)))
            .whereSpaced());
    all.add(
        new Measure(
            "gopher_bullet_lines",
            "lines that begin with a bullet, of all",
            atMost(0.9),
            NONE,
            p -> p.shareOfLines(Gopher::isBullet)));
    all.add(
        new Measure(
            "gopher_ellipsis_lines",
            "lines that end with an ellipsis, of all",
            atMost(0.3),
            NONE,
            p -> p.shareOfLines(Gopher::trailsOff)));
    all.add(
        new Measure(
                "gopher_alphabetic_words",
                "words and symbols that have a letter, of all",
                atLeast(0.8),
                NONE,
                Gopher::alphabetic)
            .whereSpaced());
    all.add(
        new Measure(
                "gopher_stop_words",
                "different ones of: " + String.join(", ", STOP_WORDS),
                atLeast(2),
                NONE,
                Gopher::stopWords)
            .whereSpaced());
    all.add(
        repetition(
            "gopher_repeated_lines",
            "lines that came before, of all",
            0.3,
            p -> Repetition.share(p.lines())));
    all.add(
        repetition(
            "gopher_repeated_paragraphs",
            "paragraphs that came before, of all",
            0.3,
            p -> Repetition.share(p.paragraphs())));
    all.add(
        repetition(
            "gopher_repeated_line_characters",
            "characters in lines that came before, of all",
            0.2,
            p -> ofText(p, Repetition.characters(p.lines()))));
    all.add(
        repetition(
            "gopher_repeated_paragraph_characters",
            "characters in paragraphs that came before, of all",
            0.2,
            p -> ofText(p, Repetition.characters(p.paragraphs()))));
    double[] top = {0.2, 0.18, 0.16};
    for (int n = 2; n <= 4; n++) {
      int width = n;
      all.add(
          repetition(
                  "gopher_top_%d_gram".formatted(n),
                  "characters in the most frequent run of %d words, of all".formatted(n),
                  top[n - 2],
                  p -> Repetition.topRun(p, width))
              .whereSpaced());
    }
    double[] repeated = {0.15, 0.14, 0.13, 0.12, 0.11, 0.1};
    for (int n = 5; n <= 10; n++) {
      int width = n;
      all.add(
          repetition(
                  "gopher_repeated_%d_grams".formatted(n),
                  "characters in runs of %d words that came before, of all".formatted(n),
                  repeated[n - 5],
                  p -> Repetition.repeatedRuns(p, width))
              .whereSpaced());
    }
    return all;
  }

  private static Measure repetition(
      String key, String meaning, double most, ToDoubleFunction<Passage> of) {
    return new Measure(key, meaning, atMost(most), atMost(CHAT_SHARE), of).fromWords(LEAST_WORDS);
  }

  private static double meanWordLength(Passage passage) {
    long characters = 0;
    int words = 0;
    for (int t = 0; t < passage.tokens(); t++) {
      if (passage.isWord(t)) {
        characters += passage.length(t);
        words++;
      }
    }
    return words == 0 ? Double.NaN : (double) characters / words;
  }

  private static double alphabetic(Passage passage) {
    int lettered = 0;
    for (int t = 0; t < passage.tokens(); t++) {
      lettered += passage.hasLetter(t) ? 1 : 0;
    }
    return ofTokens(passage, lettered);
  }

  private static double stopWords(Passage passage) {
    int found = 0; // a bit for each
    for (int t = 0; t < passage.tokens(); t++) {
      if (passage.length(t) <= LONGEST_STOP_WORD) {
        for (int s = 0; s < STOP_HASHES.length; s++) {
          found |= passage.hash(t) == STOP_HASHES[s] ? 1 << s : 0;
        }
      }
    }
    return Integer.bitCount(found);
  }

  private static int ellipses(Passage passage) {
    int dots = passage.symbols('.') < 3 ? 0 : count(passage.text(), "...");
    return dots + count(passage.text(), "…");
  }

  private static boolean isBullet(String line) {
    String text = line.stripLeading();
    return text.startsWith("•") || text.startsWith("-");
  }

  private static boolean trailsOff(String line) {
    String text = line.stripTrailing();
    return text.endsWith("...") || text.endsWith("…");
  }

  private static double ofTokens(Passage passage, int count) {
    return passage.tokens() == 0 ? Double.NaN : (double) count / passage.tokens();
  }

  private static double ofText(Passage passage, long characters) {
    return passage.text().isEmpty() ? Double.NaN : (double) characters / passage.text().length();
  }

  private static int count(String text, String part) {
    int count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }
}
