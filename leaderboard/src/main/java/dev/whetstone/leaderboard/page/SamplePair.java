package dev.whetstone.leaderboard.page;

import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.verdict.Comparison;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One document as both sides of a comparison answered it.
 *
 * @param asked the side whose prompt is shown: with fewer examples it is nearer to the question
 */
record SamplePair(Sample before, Sample after, Sample asked, Outcome outcome) {

  /** The groups in the order of the page. Right and wrong are only told of scores of 0 and 1. */
  enum Outcome {
    BROKE("broke", "worse"),
    FIXED("fixed", "better"),
    WRONG("both wrong", "both 0"),
    RIGHT("both right", "same");

    private final String binary;
    private final String graded;

    Outcome(String binary, String graded) {
      this.binary = binary;
      this.graded = graded;
    }

    String label(boolean isBinary) {
      return isBinary ? binary : graded;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What the candidate broke first, then what it fixed, then the rest. */
  static List<SamplePair> of(Comparison by) {
    Map<Long, Sample> others = new HashMap<>();
    by.baseline().result().samples().forEach(sample -> others.put(sample.docId(), sample));
    return by.candidate().result().samples().stream()
        .map(after -> of(others.get(after.docId()), after, by))
        .sorted(
            Comparator.comparing(SamplePair::outcome).thenComparingLong(pair -> pair.after.docId()))
        .toList();
  }

  private static SamplePair of(Sample before, Sample after, Comparison by) {
    double earlier = before.scores().get(by.metric());
    double later = after.scores().get(by.metric());
    double gain = by.higherIsBetter() ? later - earlier : earlier - later;
    Outcome same = later == 0 ? Outcome.WRONG : Outcome.RIGHT;
    boolean isBaselineBarer = by.baseline().result().shots() < by.candidate().result().shots();
    return new SamplePair(
        before,
        after,
        isBaselineBarer ? before : after,
        gain > 0 ? Outcome.FIXED : gain < 0 ? Outcome.BROKE : same);
  }
}
