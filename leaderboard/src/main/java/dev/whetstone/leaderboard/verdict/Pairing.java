package dev.whetstone.leaderboard.verdict;

import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.statistics.McNemar;
import dev.whetstone.statistics.PairCounts;
import dev.whetstone.statistics.PairedDifference;
import dev.whetstone.statistics.SignFlipTest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Pairs two results on their documents. */
public final class Pairing {
  private Pairing() {}

  /**
   * Why the two cannot be compared on {@code metric}, as a sentence without task and full stop;
   * empty if they can. Prompts may differ (more examples, another template): documents, expected
   * answers, task version and metric may not.
   */
  public static Optional<String> obstacle(
      TaskResult baseline, TaskResult candidate, String metric) {
    if (!baseline.task().equals(candidate.task())) {
      return Optional.of(
          "the tasks differ: %s and %s".formatted(baseline.task(), candidate.task()));
    }
    if (!baseline.version().equals(candidate.version())) {
      return Optional.of(
          "the task's versions differ: %s and %s; evaluate both with one version"
              .formatted(baseline.version(), candidate.version()));
    }
    if (baseline.samples().size() != candidate.samples().size()) {
      return Optional.of(
          "the documents differ: %d on the one side, %d on the other; evaluate both with the same --limit"
              .formatted(baseline.samples().size(), candidate.samples().size()));
    }
    Map<Long, Sample> others = byDocument(baseline);
    for (Sample sample : candidate.samples()) {
      Sample other = others.get(sample.docId());
      if (other == null
          || !other.docHash().equals(sample.docHash())
          || !other.targetHash().equals(sample.targetHash())) {
        return Optional.of(
            "the documents differ, first at document %d; evaluate both on the same data"
                .formatted(sample.docId()));
      }
    }
    if (baseline.scores(metric).isEmpty() || candidate.scores(metric).isEmpty()) {
      return Optional.of("not every document has a score of %s on both sides".formatted(metric));
    }
    return Optional.empty();
  }

  /**
   * The comparison, its p not yet adjusted.
   *
   * @throws IllegalArgumentException if there is an {@link #obstacle}
   */
  public static Comparison compare(Side baseline, Side candidate, String metric, Policy policy) {
    obstacle(baseline.result(), candidate.result(), metric)
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException(reason);
            });
    Map<Long, Sample> others = byDocument(baseline.result());
    int n = candidate.result().samples().size();
    double[] before = new double[n];
    double[] after = new double[n];
    for (int i = 0; i < n; i++) {
      Sample sample = candidate.result().samples().get(i);
      before[i] = others.get(sample.docId()).scores().get(metric);
      after[i] = sample.scores().get(metric);
    }
    boolean higher = candidate.result().metric(metric).map(Metric::higherIsBetter).orElse(true);
    if (PairCounts.isBinary(before) && PairCounts.isBinary(after)) {
      PairCounts pairs = PairCounts.of(before, after);
      double p = McNemar.exact(pairs);
      return new Comparison(
          baseline,
          candidate,
          metric,
          higher,
          PairedDifference.of(pairs, policy.confidence()),
          Optional.of(pairs),
          p,
          p,
          "exact McNemar");
    }
    double p =
        SignFlipTest.pValue(
            PairedDifference.differences(before, after), SignFlipTest.DEFAULT_FLIPS, policy.seed());
    return new Comparison(
        baseline,
        candidate,
        metric,
        higher,
        PairedDifference.of(before, after, policy.confidence()),
        Optional.empty(),
        p,
        p,
        "sign-flip permutation");
  }

  static Map<Long, Sample> byDocument(TaskResult result) {
    var samples = new HashMap<Long, Sample>();
    result.samples().forEach(sample -> samples.put(sample.docId(), sample));
    return samples;
  }
}
