package dev.whetstone.training.report;

import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.report.Series.Look;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

/** One quantity over a run's steps as inline SVG, for pages of others: as on the run's own page. */
public final class LossChart {
  private LossChart() {}

  /**
   * The chart. The page styles the classes that {@code report.html} styles: {@code chart}, {@code
   * grid}, {@code tick}, {@code line}, {@code faint}, {@code hover} and the colour {@code s0}.
   *
   * @param smoothed whether a moving average is drawn over a faint line
   */
  public static String svg(
      List<StepMetrics> metrics,
      ToDoubleFunction<StepMetrics> value,
      String title,
      boolean smoothed) {
    var series =
        Series.of(title, smoothed ? Look.SMOOTHED : Look.LINE, metrics, StepMetrics::step, value);
    return new Chart(title, true, List.of(series), OptionalInt.empty()).svg();
  }
}
