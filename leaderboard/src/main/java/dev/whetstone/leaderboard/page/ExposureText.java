package dev.whetstone.leaderboard.page;

import dev.whetstone.leaderboard.entry.Exposure;
import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.leaderboard.page.Views.Exposed;
import dev.whetstone.leaderboard.verdict.Estimate;
import java.util.Locale;
import java.util.Optional;

/** What a model was trained on of the documents that it is measured with, in words. */
final class ExposureText {
  private ExposureText() {}

  /**
   * @param share whether the metric is shown as points of 100
   * @return empty where nobody looked
   */
  static Optional<Exposed> of(TaskResult result, Metric metric, boolean share, double confidence) {
    long all = result.samples().size();
    long trained = result.count(Exposure.TRAINED);
    long removed = result.count(Exposure.REMOVED);
    if (result.count(Exposure.UNCHECKED) == all) {
      return Optional.empty();
    }
    if (trained > 0) {
      return Optional.of(
          new Exposed(
              true,
              "trained on " + percent(trained, all),
              "Trained on %s of these documents (%s)%s."
                  .formatted(
                      Numbers.count(trained),
                      percent(trained, all),
                      without(result, metric, share, confidence))));
    }
    return Optional.of(
        new Exposed(
            false,
            "",
            removed == 0
                ? "None of these documents was found in the rows it was trained on."
                : "%s of these documents (%s) stood in the raw rows and were removed before training."
                    .formatted(Numbers.count(removed), percent(removed, all))));
  }

  private static String without(
      TaskResult result, Metric metric, boolean share, double confidence) {
    return Estimate.ofUnseen(result, metric, confidence)
        .filter(estimate -> estimate.value().isPresent())
        .map(
            estimate ->
                "; without them %s (%s), n %s"
                    .formatted(
                        Numbers.value(estimate.value().getAsDouble(), share),
                        estimate
                            .interval()
                            .map(i -> Numbers.interval(i, share))
                            .orElse("no interval"),
                        Numbers.count(estimate.n())))
        .orElse("");
  }

  private static String percent(long part, long all) {
    return String.format(Locale.ROOT, "%.1f\u00A0%%", 100.0 * part / all);
  }
}
