package dev.whetstone.datasets.measure;

import dev.whetstone.datasets.dedup.Hash64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How much of a text says again what it has said. Copies count from the second one on. */
final class Repetition {
  private Repetition() {}

  /** Copies over all parts. */
  static double share(List<String> parts) {
    if (parts.size() < 2) {
      return 0;
    }
    Set<String> seen = new HashSet<>();
    long copies = parts.stream().filter(part -> !seen.add(part)).count();
    return (double) copies / parts.size();
  }

  /** Characters of copies. */
  static long characters(List<String> parts) {
    if (parts.size() < 2) {
      return 0;
    }
    Set<String> seen = new HashSet<>();
    return parts.stream().filter(part -> !seen.add(part)).mapToLong(String::length).sum();
  }

  /**
   * Characters of the most frequent run of n tokens, all its copies, over those of the text, a
   * space counted between tokens (datatrove 0.10.0, gopher_repetition_filter.py, {@code
   * find_top_duplicate}, which counts a run that occurs once as well: here that is no repetition).
   */
  static double topRun(Passage passage, int n) {
    Runs runs = passage.runs();
    if (runs.areDistinct(n)) {
      return 0;
    }
    runs.clear();
    long power = Hash64.power(n);
    int best = -1;
    int most = 1;
    for (int t = 0; t < runs.count(n); t++) {
      int count = runs.add(t, n, power);
      if (count > most) {
        most = count;
        best = t;
      }
    }
    if (best < 0) {
      runs.distinct(n);
      return 0;
    }
    return (double) (passage.length(best, n) + n - 1) * most / passage.text().length();
  }

  /**
   * Characters of tokens that stand in a run of n which has been before, over those of the text; no
   * token counts twice (datatrove 0.10.0, gopher_repetition_filter.py, {@code find_all_duplicate}).
   */
  static double repeatedRuns(Passage passage, int n) {
    Runs runs = passage.runs();
    if (runs.areDistinct(n)) {
      return 0;
    }
    runs.clear();
    long power = Hash64.power(n);
    long repeated = 0;
    for (int t = 0; t < runs.count(n); ) {
      if (runs.add(t, n, power) > 1) {
        repeated += passage.length(t, n);
        t += n;
      } else {
        t++;
      }
    }
    if (repeated == 0) {
      runs.distinct(n);
      return 0;
    }
    return (double) repeated / passage.text().length();
  }
}
