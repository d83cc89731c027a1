package dev.whetstone.datasets.measure;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How much of a text says again what it has said. Copies count from the second one on. */
final class Repetition {
  private Repetition() {}

  /** Copies over all parts. */
  static double share(List<String> parts) {
    Set<String> seen = new HashSet<>();
    long copies = parts.stream().filter(part -> !seen.add(part)).count();
    return (double) copies / parts.size();
  }

  /** Characters of copies. */
  static long characters(List<String> parts) {
    Set<String> seen = new HashSet<>();
    return parts.stream().filter(part -> !seen.add(part)).mapToLong(String::length).sum();
  }

  /**
   * Characters of the most frequent run of n tokens, all its copies, over those of the text, a
   * space counted between tokens (datatrove 0.10.0, gopher_repetition_filter.py, {@code
   * find_top_duplicate}, which counts a run that occurs once as well: here that is no repetition).
   */
  static double topRun(Passage passage, int n) {
    int runs = passage.tokens() - n + 1;
    if (runs < 1) {
      return 0;
    }
    var counts = new RunCounts(runs);
    int best = -1;
    int most = 1;
    for (int t = 0; t < runs; t++) {
      int count = counts.add(passage.hash(t, n));
      if (count > most) {
        most = count;
        best = t;
      }
    }
    return best < 0
        ? 0
        : (double) (passage.length(best, n) + n - 1) * most / passage.text().length();
  }

  /**
   * Characters of tokens that stand in a run of n which has been before, over those of the text; no
   * token counts twice (datatrove 0.10.0, gopher_repetition_filter.py, {@code find_all_duplicate}).
   */
  static double repeatedRuns(Passage passage, int n) {
    int runs = passage.tokens() - n + 1;
    if (runs < 1) {
      return 0;
    }
    var counts = new RunCounts(runs);
    long repeated = 0;
    for (int t = 0; t < runs; ) {
      if (counts.add(passage.hash(t, n)) > 1) {
        repeated += passage.length(t, n);
        t += n;
      } else {
        t++;
      }
    }
    return (double) repeated / passage.text().length();
  }

  /** How often each hash has come: open addressing, for two objects less a run than a map has. */
  private static final class RunCounts {
    private final long[] keys;
    private final int[] counts;

    RunCounts(int most) {
      int size = Integer.highestOneBit(Math.max(8, most)) * 4;
      keys = new long[size];
      counts = new int[size];
    }

    int add(long hash) {
      int at = (int) hash & (keys.length - 1);
      while (counts[at] > 0 && keys[at] != hash) {
        at = (at + 1) & (keys.length - 1);
      }
      keys[at] = hash;
      return ++counts[at];
    }
  }
}
