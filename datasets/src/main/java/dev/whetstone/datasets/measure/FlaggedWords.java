package dev.whetstone.datasets.measure;

import static dev.whetstone.datasets.measure.Bound.atMost;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.datasets.dedup.Words;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Words that a recipe's file flags, and their share of a text. Texts and entries are compared as
 * {@link Words} has them: whatever the case, with marks taken off, Chinese, Japanese and Thai
 * character by character, so that an entry is found there without spaces around it.
 */
public final class FlaggedWords implements Serializable {
  private static final long serialVersionUID = 1L;

  /** No file: nothing is measured. */
  public static final FlaggedWords NONE = new FlaggedWords("", Map.of());

  /** Data-Juicer's flagged_words_filter (configs/config_all.yaml). */
  private static final double MOST = 0.0045;

  private static final String EXPECTED = "a text with a flagged word on each line";

  /** Entries as the hashes of their words, by that of the first, the longest first. */
  private final Map<Long, long[][]> entries;

  private final String sha256;

  private FlaggedWords(String sha256, Map<Long, long[][]> entries) {
    this.sha256 = sha256;
    this.entries = entries;
  }

  /**
   * The entries of a file, one on each line, of one word or several; empty lines are nothing.
   *
   * @throws BadInputException if it is not there, no text in UTF-8, or has no entry
   */
  public static FlaggedWords read(Path file) {
    InputFile.check(file, EXPECTED);
    String text = InputFile.text(file, EXPECTED);
    List<String> lines = text.lines().toList();
    Map<Long, long[][]> entries = new HashMap<>();
    for (String line : lines) {
      long[] words = Words.hashes(line);
      if (words.length > 0) {
        entries.merge(words[0], new long[][] {words}, FlaggedWords::longestFirst);
      }
    }
    if (entries.isEmpty()) {
      throw new BadInputException(
          "%s: expected %s, found %d lines and no word.".formatted(file, EXPECTED, lines.size()));
    }
    return new FlaggedWords(ContentHash.sha256(text), entries);
  }

  private static long[][] longestFirst(long[][] some, long[][] others) {
    long[][] all = Arrays.copyOf(some, some.length + others.length);
    System.arraycopy(others, 0, all, some.length, others.length);
    Arrays.sort(all, (a, b) -> Integer.compare(b.length, a.length));
    return all;
  }

  /** SHA-256 of the file, 64 hexadecimal digits; empty without one. */
  public String sha256() {
    return sha256;
  }

  static List<Measure> measures() {
    return List.of(
        new Measure(
            "flagged_words",
            "words that the file of flagged words has, of all",
            atMost(MOST),
            atMost(MOST),
            passage -> passage.flagged().share(passage.text())));
  }

  /** Share of the words of {@code text} that stand in entries, in [0, 1]; NaN without a file. */
  double share(String text) {
    if (entries.isEmpty()) {
      return Double.NaN;
    }
    long[] words = Words.hashes(text);
    int flagged = 0;
    for (int i = 0; i < words.length; ) {
      int length = lengthAt(words, i);
      flagged += length;
      i += Math.max(1, length);
    }
    return words.length == 0 ? 0 : (double) flagged / words.length;
  }

  /** Words of the longest entry that begins at a word; 0 if none does. */
  private int lengthAt(long[] words, int from) {
    for (long[] entry : entries.getOrDefault(words[from], new long[0][])) {
      int end = from + entry.length;
      if (end <= words.length && Arrays.equals(words, from, end, entry, 0, entry.length)) {
        return entry.length;
      }
    }
    return 0;
  }
}
