package dev.whetstone.datasets.report;

import static dev.whetstone.datasets.report.Figures.figure;
import static dev.whetstone.datasets.report.Html.escape;
import static dev.whetstone.datasets.report.Html.number;
import static dev.whetstone.datasets.report.Html.percent;

import dev.whetstone.datasets.report.ReportData.ChangedExample;
import dev.whetstone.datasets.report.ReportData.DroppedExample;
import dev.whetstone.datasets.report.ReportData.SplitFacts;
import dev.whetstone.datasets.rows.DropReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The report as one HTML file: no script, nothing from elsewhere, and a policy that forbids both.
 * Everything that comes from rows is escaped.
 */
public final class ReportPage {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH);
  private static final int PACKS_SHOWN = 60;
  private static final int SOURCES_SHOWN = 50;

  private ReportPage() {}

  /** The whole page. */
  public static String html(ReportData data) {
    return page(
        data.name() + ": what became of every row",
        header(data)
            + funnel(data)
            + MixtureSection.html(data.mixture(), data.languages())
            + lengths(data)
            + packing(data)
            + ContaminationSection.html(data.benchmarks(), data.contamination())
            + dropped(data)
            + ClusterSection.html(data.clusters())
            + changed(data)
            + origin(data));
  }

  /** A page of this look around {@code body}, which is HTML; {@code title} is plain text. */
  static String page(String title, String body) {
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body><main>
    %s</main></body>
    </html>
    """
        .formatted(escape(title), css(), body);
  }

  /** An instant as people read it. */
  static String day(String instant) {
    return DAY.format(Instant.parse(instant).atOffset(ZoneOffset.UTC));
  }

  private static String header(ReportData data) {
    long tokens = data.splits().stream().mapToLong(s -> sum(s.lengths())).sum();
    long targets = data.splits().stream().mapToLong(SplitFacts::targets).sum();
    var tiles = new StringBuilder();
    tiles.append(tile(number(data.read()), "rows read"));
    tiles.append(
        tile(
            number(data.kept()),
            data.read() == 0
                ? "rows kept"
                : "rows kept, " + percent((double) data.kept() / data.read())));
    for (SplitFacts split : data.splits()) {
      tiles.append(tile(number(split.rows()), split.split()));
    }
    if (tokens > 0) {
      tiles.append(tile(number(tokens), "tokens"));
      tiles.append(
          tile(number(targets), "of them are learned, " + percent((double) targets / tokens)));
    }
    return """
    <header>
    <p class="eyebrow">Dataset report</p>
    <h1>%s</h1>
    <p>%s, %.1f seconds, content <code>%s</code></p>
    </header>
    <div class="tiles">%s</div>
    """
        .formatted(
            escape(data.name()),
            day(data.started()),
            data.seconds(),
            escape(data.content()),
            tiles);
  }

  static String tile(String value, String label) {
    return "<div class=\"tile\"><b>%s</b><span>%s</span></div>".formatted(value, escape(label));
  }

  private static String funnel(ReportData data) {
    return """
    <h2>What became of the rows</h2>
    <p>Reasons in the order in which they are looked for; a row goes for the first that fits. \
    Orange went, green is what was left.</p>
    <div class="card">%s</div>
    """
        .formatted(Charts.funnel(data.read(), data.dropped(), data.kept()));
  }

  private static String lengths(ReportData data) {
    List<SplitFacts> tokenised =
        data.splits().stream().filter(s -> s.lengths().length > 0).toList();
    if (tokenised.isEmpty()) {
      return "";
    }
    var cards = new StringBuilder();
    for (SplitFacts split : tokenised) {
      int[] sorted = split.lengths().clone();
      Arrays.sort(sorted);
      String facts =
          "shortest %s, median %s, 95 %% at most %s, longest %s tokens"
              .formatted(
                  number(sorted[0]),
                  number(quantile(sorted, 0.5)),
                  number(quantile(sorted, 0.95)),
                  number(sorted[sorted.length - 1]));
      cards.append(
          card(
              split.split(),
              Charts.histogram(
                  split.lengths(), data.maxLength(), "tokens", split.split() + ": " + facts),
              facts));
    }
    return """
    <h2>How long rows are</h2>
    <p>Tokens of each row as the target model sees it, template included. The limit is %s.</p>
    <div class="pair">%s</div>
    """
        .formatted(number(data.maxLength()), cards);
  }

  /** The least value that this share of the sorted values do not exceed. */
  private static int quantile(int[] sorted, double share) {
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }

  private static String packing(ReportData data) {
    List<SplitFacts> packed = data.splits().stream().filter(s -> !s.packs().isEmpty()).toList();
    if (packed.isEmpty()) {
      return "";
    }
    var cards = new StringBuilder();
    for (SplitFacts split : packed) {
      long tokens = sum(split.lengths());
      double fill = (double) tokens / ((long) split.packs().size() * data.maxLength());
      long padded = (long) split.lengths().length * Arrays.stream(split.lengths()).max().orElse(0);
      String facts =
          "%s %s of %s tokens, %s full; one row each, padded to the longest, would be %s full"
              .formatted(
                  number(split.packs().size()),
                  split.packs().size() == 1 ? "pack" : "packs",
                  number(data.maxLength()),
                  percent(fill),
                  percent((double) tokens / padded));
      cards.append(
          card(split.split(), Charts.packs(split.packs(), data.maxLength(), PACKS_SHOWN), facts));
    }
    return """
    <h2>How full packs are</h2>
    <p>Whole rows laid end to end, never cut: a plan of indices beside the rows. Rows of a pack \
    do not see each other in training.</p>
    <div class="pair">%s</div>
    """
        .formatted(cards);
  }

  private static String card(String title, String picture, String facts) {
    return "<div class=\"card\"><h3>%s</h3>%s<p class=\"none\">%s</p></div>"
        .formatted(escape(title), picture, escape(facts));
  }

  private static String dropped(ReportData data) {
    var reasons = new StringBuilder();
    data.dropped()
        .forEach(
            (reason, count) -> {
              List<DroppedExample> examples =
                  data.examples().stream().filter(e -> e.reason() == reason).toList();
              reasons.append(reason(reason, count, examples));
            });
    return """
    <h2>Dropped rows, by reason</h2>
    <p>The first of each; all of them are in <code>dropped/</code>, one JSON object a line.</p>
    %s
    """
        .formatted(reasons);
  }

  private static String reason(DropReason reason, long count, List<DroppedExample> examples) {
    var rows = new StringBuilder();
    examples.forEach(e -> rows.append(example(e)));
    if (examples.isEmpty()) {
      rows.append("<div class=\"example none\">No row went for this reason.</div>");
    }
    return """
    <details%s><summary><b>%s</b><span class="count%s">%s</span><span class="why">%s</span></summary>
    %s</details>
    """
        .formatted(
            count > 0 ? " open" : "",
            reason.key(),
            count > 0 ? "" : " calm",
            number(count),
            escape(reason.meaning()),
            rows);
  }

  private static String example(DroppedExample row) {
    String other =
        row.kept()
            .map(k -> figure("stays: <code>" + escape(k.id()) + "</code>", k.text(), row.text()))
            .orElse("");
    String caption = other.isEmpty() ? "text" : "goes: <code>" + escape(row.id()) + "</code>";
    return """
    <div class="example">
    <p><code>%s</code> <span class="where">%s, line %s</span><br>%s</p>
    <div class="texts">%s%s</div>
    </div>
    """
        .formatted(
            escape(row.id()),
            escape(row.source()),
            number(row.line()),
            escape(row.detail()),
            figure(
                caption, row.text(), row.kept().map(ReportData.KeptRow::text).orElse(row.text())),
            other);
  }

  private static String changed(ReportData data) {
    if (data.changes().isEmpty()) {
      return "";
    }
    var rules = new StringBuilder();
    data.changes()
        .forEach(
            (rule, rows) ->
                rules.append(
                    "<tr><td>%s</td><td class=\"n\">%s</td></tr>"
                        .formatted(escape(rule), number(rows))));
    var examples = new StringBuilder();
    for (ChangedExample row : data.changed()) {
      examples.append(
          """
          <div class="example">
          <p><code>%s</code> <span class="where">%s, line %s</span><br>%s</p>
          <div class="texts">%s%s</div>
          </div>
          """
              .formatted(
                  escape(row.id()),
                  escape(row.source()),
                  number(row.line()),
                  escape(row.rules()),
                  figure("before", row.before(), row.after()),
                  figure("after", row.after(), row.before())));
    }
    return """
    <h2>Mended rows</h2>
    <p>Rows that stayed after a cleaning rule changed them. Control characters are shown as \
    pictures; what differs is marked.</p>
    <div class="card scroll"><table><tr><th>rule</th><th class="n">rows</th></tr>%s</table></div>
    <details open><summary><b>Before and after</b></summary>
    %s</details>
    """
        .formatted(rules, examples);
  }

  private static String origin(ReportData data) {
    var sources = new StringBuilder();
    data.sources().stream()
        .limit(SOURCES_SHOWN)
        .forEach(
            source ->
                sources.append(
                    "<tr><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td><code>%s</code></td></tr>"
                        .formatted(
                            escape(source.name()),
                            number(source.sizeBytes()),
                            number(source.read()),
                            number(source.kept()),
                            number(source.tokens()),
                            escape(source.sha256()))));
    String more =
        data.sources().size() > SOURCES_SHOWN
            ? "<p>and %s more files; manifest.json names all.</p>"
                .formatted(number(data.sources().size() - SOURCES_SHOWN))
            : "";
    return """
    <h2>Where it came from</h2>
    <p>The same files and recipe give the same rows in the same order, on any number of machines.</p>
    <div class="card scroll"><table>
    <tr><th>file</th><th class="n">bytes</th><th class="n">rows read</th><th class="n">kept</th>\
    <th class="n">tokens kept</th><th>SHA-256</th></tr>%s</table>%s</div>
    <details><summary><b>Recipe</b><span class="why">with every default filled in</span></summary>
    <div class="example"><pre>%s</pre></div></details>
    """
        .formatted(sources, more, escape(data.recipe()));
  }

  private static long sum(int[] values) {
    return Arrays.stream(values).asLongStream().sum();
  }

  private static String css() {
    try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("report.css is missing in this build", e);
    }
  }
}
