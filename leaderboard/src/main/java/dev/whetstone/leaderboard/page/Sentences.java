package dev.whetstone.leaderboard.page;

import dev.whetstone.leaderboard.verdict.Comparison;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.verdict.Verdict;

/** Verdicts as sentences. */
final class Sentences {
  private Sentences() {}

  /**
   * Such as "+62.5 points json_exact_match over …, 95 % interval 53.0 to 70.8, p < 0.0001, 120
   * paired documents".
   */
  static String of(Verdict verdict, boolean baselineIsBest, Policy policy) {
    if (verdict instanceof Verdict.NotComparable none) {
      return "Not comparable: " + none.reason();
    }
    Comparison by = verdict.comparison().orElseThrow();
    boolean share = share(by);
    String sentence =
        "%s %s over %s, %s, %s, %s paired documents"
            .formatted(
                difference(by),
                metric(by.metric()),
                over(by, baselineIsBest),
                by.difference()
                    .interval()
                    .map(
                        i ->
                            "%s interval %s"
                                .formatted(
                                    Numbers.percent(i.confidence()), Numbers.interval(i, share)))
                    .orElse("no interval (the differences show no spread)"),
                Numbers.p(by.adjustedP()),
                Numbers.count(by.difference().n()));
    return sentence + tail(verdict, share, policy);
  }

  /** The sentence for a page: numbers and what belongs to them stay on one line. */
  static String unbroken(String sentence) {
    return sentence.replace(" %", "\u00a0%").replaceAll("\\bp ([<=]) ", "p\u00a0$1\u00a0");
  }

  /** What a sentence starts with, such as "+62.5 points". */
  static String difference(Comparison by) {
    boolean share = share(by);
    return Numbers.signed(by.difference().value(), share) + (share ? " points" : "");
  }

  private static String tail(Verdict verdict, boolean share, Policy policy) {
    if (verdict instanceof Verdict.NotEnoughEvidence unclear) {
      return unclear.smallestEffect().isPresent()
          ? "; a difference of %s%s or more would be seen with %s power"
              .formatted(
                  Numbers.value(unclear.smallestEffect().getAsDouble(), share),
                  share ? " points" : "",
                  Numbers.percent(policy.power()))
          : "; so few documents differ that no effect would be seen: evaluate on more";
    }
    if (verdict instanceof Verdict.Unchanged same) {
      return "; the whole interval lies within ±%s%s"
          .formatted(Numbers.value(same.tolerance(), share), share ? " points" : "");
    }
    return "";
  }

  private static String over(Comparison by, boolean baselineIsBest) {
    String shots = by.baseline().result().shots() + "-shot";
    return baselineIsBest
        ? "the base’s better prompt (" + shots + ")"
        : by.baseline().entry().name() + " (" + shots + ")";
  }

  static boolean share(Comparison by) {
    return by.baseline()
            .result()
            .metric(by.metric())
            .flatMap(m -> m.value().stream().boxed().findFirst())
            .map(Numbers::isShare)
            .orElse(false)
        && by.candidate()
            .result()
            .metric(by.metric())
            .flatMap(m -> m.value().stream().boxed().findFirst())
            .map(Numbers::isShare)
            .orElse(false);
  }

  /** Metric keys carry a filter that says nothing where there is none. */
  static String metric(String key) {
    return key.replace(",none", "").replace(",", ", ").replace('_', ' ');
  }
}
