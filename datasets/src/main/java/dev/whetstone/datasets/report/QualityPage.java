package dev.whetstone.datasets.report;

import static dev.whetstone.datasets.report.Html.escape;
import static dev.whetstone.datasets.report.Html.number;

import dev.whetstone.datasets.quality.CrossValidated;
import dev.whetstone.datasets.quality.Measured;
import dev.whetstone.datasets.quality.Measured.Threshold;
import dev.whetstone.datasets.quality.Prediction;
import dev.whetstone.datasets.quality.Report;
import dev.whetstone.datasets.quality.Report.LabelledFile;
import dev.whetstone.datasets.quality.Report.Mistake;
import dev.whetstone.statistics.Interval;
import java.util.Locale;

/** The report of a classifier as one HTML file, under the rules of {@link ReportPage}. */
public final class QualityPage {
  private QualityPage() {}

  /** The whole page. */
  public static String html(Report report) {
    return ReportPage.page(
        report.name() + ": how far to trust the classifier",
        header(report)
            + separation(report)
            + calibration(report)
            + thresholds(report.measured())
            + mistakes(report)
            + origin(report));
  }

  private static String header(Report report) {
    Measured measured = report.measured();
    long good = report.predictions().stream().filter(Prediction::good).count();
    String tiles =
        ReportPage.tile(
                share(measured.accuracy()), "accuracy, 95 % " + interval(measured.interval()))
            + ReportPage.tile(decimal(measured.area()), "area under the ROC curve")
            + ReportPage.tile(
                decimal(measured.errorAfter()),
                "calibration error; before: " + decimal(measured.errorBefore()))
            + ReportPage.tile(number(report.taught()), "rows taught it")
            + ReportPage.tile(number(report.calibrated()), "calibrated it")
            + ReportPage.tile(
                number(measured.rows()),
                "measured it: %s good, %s bad"
                    .formatted(number(good), number(measured.rows() - good)));
    return """
    <header>
    <p class="eyebrow">Classifier report</p>
    <h1>%s</h1>
    <p>%s, %.1f seconds, content <code>%s</code></p>
    </header>
    <div class="tiles">%s</div>
    """
        .formatted(
            escape(report.name()),
            ReportPage.day(report.started()),
            report.seconds(),
            escape(report.content()),
            tiles);
  }

  private static String separation(Report report) {
    Measured measured = report.measured();
    String cross = report.crossValidated().map(QualityPage::crossValidated).orElse("");
    return """
    <h2>How well it tells good from bad</h2>
    <p>On rows that it did not learn from; rows with the same prompt are all on one side. Always \
    saying the commoner label would be right in %s.%s</p>
    <div class="pair"><div class="card"><h3>Good rows kept against bad rows kept</h3>%s\
    <p class="none">Each point is a threshold; the dashed line is chance.</p></div>
    <div class="card"><h3>Scores</h3>%s\
    <p class="none">Upwards, green: good rows. Downwards, orange: bad rows. Each to its own scale.</p>\
    </div></div>
    """
        .formatted(
            share(measured.majority()),
            cross,
            QualityCharts.roc(report.roc()),
            QualityCharts.scores(report.predictions()));
  }

  private static String crossValidated(CrossValidated found) {
    return " <b>Cross-validation</b> over %s rows, %d times %d folds: accuracy %s (95 %% %s), area %s."
        .formatted(
            number(found.rows()),
            found.repeats(),
            found.folds(),
            share(found.accuracy()),
            interval(found.interval()),
            decimal(found.area()));
  }

  private static String calibration(Report report) {
    return """
    <h2>Whether its numbers mean what they say</h2>
    <p>Of the rows that are called 0.8, are 80 %% good? On the dashed line they are. The distance \
    from it, mean over rows, is the expected calibration error.</p>
    <div class="pair"><div class="card"><h3>The network as it stands</h3>%s\
    <p class="none">expected calibration error %s</p></div>
    <div class="card"><h3>After calibration (Platt)</h3>%s\
    <p class="none">expected calibration error %s</p></div></div>
    """
        .formatted(
            QualityCharts.reliability(report.before(), "before calibration"),
            decimal(report.before().error()),
            QualityCharts.reliability(report.after(), "after calibration"),
            decimal(report.after().error()));
  }

  private static String thresholds(Measured measured) {
    var rows = new StringBuilder();
    for (Threshold at : measured.thresholds()) {
      rows.append(
          "<tr><td class=\"n\">%s</td>%s%s%s%s</tr>"
              .formatted(
                  String.format(Locale.ROOT, "%.1f", at.min()),
                  cell(at.goodKept(), at.goodKept() + at.goodGone()),
                  cell(at.goodGone(), at.goodKept() + at.goodGone()),
                  cell(at.badKept(), at.badKept() + at.badGone()),
                  cell(at.badGone(), at.badKept() + at.badGone())));
    }
    return """
    <h2>What each threshold would keep</h2>
    <p>In a recipe: <code>prepare: {quality: {model: DIR, min: 0.5}}</code>. The score of every row \
    is a column of the dataset, whatever is kept.</p>
    <div class="card scroll"><table><tr><th class="n">min</th><th class="n">good, kept</th>\
    <th class="n">good, lost</th><th class="n">bad, kept</th><th class="n">bad, gone</th></tr>\
    %s</table></div>
    """
        .formatted(rows);
  }

  private static String cell(long rows, long of) {
    return "<td class=\"n\">%s <span class=\"none\">%s</span></td>"
        .formatted(number(rows), share((double) rows / of));
  }

  private static String mistakes(Report report) {
    if (report.mistakes().isEmpty()) {
      return """
      <h2>Where it was wrong</h2>
      <p>Nowhere, on the rows that measured it.</p>
      """;
    }
    var examples = new StringBuilder();
    for (Mistake mistake : report.mistakes()) {
      examples.append(
          """
          <div class="example">
          <p><code>%s</code> <span class="where">%s, line %s</span><br>labelled %s, score %s</p>
          <pre>%s</pre>
          </div>
          """
              .formatted(
                  escape(mistake.row().id()),
                  escape(mistake.row().source()),
                  number(mistake.row().line()),
                  mistake.row().good() ? "good" : "bad",
                  decimal(mistake.probability()),
                  escape(mistake.row().head())));
    }
    return """
    <h2>Where it was wrong</h2>
    <p>The surest mistakes first. Look here for wrong labels before blaming the classifier.</p>
    <details open><summary><b>Mistakes</b></summary>
    %s</details>
    """
        .formatted(examples);
  }

  private static String origin(Report report) {
    var files = new StringBuilder();
    for (LabelledFile file : report.files()) {
      files.append(
          "<tr><td>%s</td><td>%s</td><td class=\"n\">%s</td><td><code>%s</code></td></tr>"
              .formatted(
                  file.good() ? "good" : "bad",
                  escape(file.name()),
                  number(file.sizeBytes()),
                  escape(file.sha256())));
    }
    var dropped = new StringBuilder();
    report
        .dropped()
        .forEach(
            (reason, rows) ->
                dropped.append(
                    "<tr><td>%s</td><td class=\"n\">%s</td></tr>"
                        .formatted(escape(reason), number(rows))));
    String unused =
        report.dropped().isEmpty()
            ? ""
            : "<div class=\"card scroll\"><table><tr><th>not used</th><th class=\"n\">rows</th></tr>%s</table></div>"
                .formatted(dropped);
    return """
    <h2>Where it came from</h2>
    <p>The same files and recipe give the same classifier on the same kind of machine.</p>
    <div class="card scroll"><table><tr><th>label</th><th>file</th><th class="n">bytes</th>\
    <th>SHA-256</th></tr>%s</table></div>
    %s<details><summary><b>Recipe</b><span class="why">with every default filled in</span></summary>
    <div class="example"><pre>%s</pre></div></details>
    """
        .formatted(files, unused, escape(report.recipe()));
  }

  private static String interval(Interval interval) {
    return share(interval.low()) + " to " + share(interval.high());
  }

  /** A share as percent with one digit: 99.6 and 100 are not the same. */
  private static String share(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
