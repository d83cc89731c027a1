package dev.whetstone.training.report;

import dev.whetstone.training.sweep.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * {@code sweep.html}: the runs of a sweep, round by round, and how the loss went with the steps of
 * each setting. Styled as a run's page.
 */
public final class SweepPage {
  private SweepPage() {}

  /**
   * The page.
   *
   * @param trials in the order of rounds; of a finished sweep the last is the best
   * @param finished whether the sweep has ended
   */
  public static String html(String name, List<Trial> trials, boolean finished) {
    var page = new StringBuilder();
    page.append(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\""
            + " content=\"width=device-width,initial-scale=1\"><meta"
            + " http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
            + " 'unsafe-inline'\">");
    if (!finished) {
      page.append("<meta http-equiv=\"refresh\" content=\"15\">");
    }
    page.append("<title>")
        .append(Html.escape(name))
        .append(" · sweep</title><style>")
        .append(RunReport.STYLE)
        .append("</style></head><body><main><h1>")
        .append(Html.escape(name))
        .append(finished ? "" : "<span class=\"badge\">running</span>")
        .append("</h1><p class=\"sub\">")
        .append(trials.size())
        .append(" runs, compared by their lowest loss on the validation split</p>");
    if (finished) {
      Trial best = trials.get(trials.size() - 1);
      page.append("<div class=\"cards\">");
      card(page, "Best learning rate", rate(best.learningRate()));
      card(page, "Best rank", Integer.toString(best.rank()));
      card(page, "Validation loss, nats", Figures.nats(best.lossNats()));
      card(page, "Steps", Figures.count(best.steps()));
      page.append("</div>");
    }
    if (!trials.isEmpty()) {
      chart(page, trials);
    }
    table(page, trials, finished);
    return page.append("</main></body></html>\n").toString();
  }

  private static void card(StringBuilder page, String what, String value) {
    page.append("<div class=\"card\"><h3>")
        .append(Html.escape(what))
        .append("</h3><b>")
        .append(Html.escape(value))
        .append("</b></div>");
  }

  /** The settings that got furthest, as many as there are colours. */
  private static void chart(StringBuilder page, List<Trial> trials) {
    var settings = new TreeMap<String, List<Trial>>();
    trials.forEach(
        trial -> settings.computeIfAbsent(setting(trial), key -> new ArrayList<>()).add(trial));
    List<Series> series =
        settings.entrySet().stream()
            .sorted((a, b) -> Integer.compare(b.getValue().size(), a.getValue().size()))
            .limit(Chart.COLOURS)
            .map(
                entry ->
                    Series.of(
                        entry.getKey(),
                        Series.Look.DOTS,
                        entry.getValue(),
                        Trial::steps,
                        Trial::lossNats))
            .toList();
    var chart = new Chart("Validation loss by steps", true, series, OptionalInt.empty());
    page.append("<section class=\"wide\"><h2>Validation loss by steps, nats</h2>")
        .append(chart.legend())
        .append("<div class=\"plot\">")
        .append(chart.svg())
        .append("</div></section>");
  }

  private static void table(StringBuilder page, List<Trial> trials, boolean finished) {
    page.append(
        "<section><h2>Runs</h2><div class=\"scroll\"><table><tr><th>round</th><th"
            + " class=\"num\">learning rate</th><th class=\"num\">rank</th><th"
            + " class=\"num\">steps</th><th class=\"num\">validation"
            + " loss</th><th>folder</th></tr>");
    for (int i = 0; i < trials.size(); i++) {
      Trial trial = trials.get(i);
      page.append(
          String.format(
              Locale.ROOT,
              "<tr%s><td>%d</td><td class=\"num\">%s</td><td class=\"num\">%d</td><td"
                  + " class=\"num\">%s</td><td class=\"num\">%s</td><td><code>%s</code></td></tr>",
              finished && i == trials.size() - 1 ? " class=\"sum\"" : "",
              trial.round() + 1,
              rate(trial.learningRate()),
              trial.rank(),
              Figures.count(trial.steps()),
              Figures.nats(trial.lossNats()),
              Html.escape(trial.folder())));
    }
    page.append("</table></div></section>");
  }

  private static String setting(Trial trial) {
    return "rate " + rate(trial.learningRate()) + ", rank " + trial.rank();
  }

  private static String rate(double rate) {
    return Double.toString(rate).replace('E', 'e');
  }
}
