package dev.whetstone.datasets.report;

import static dev.whetstone.datasets.report.Figures.figure;
import static dev.whetstone.datasets.report.Html.escape;
import static dev.whetstone.datasets.report.Html.number;

import dev.whetstone.datasets.report.ReportData.Cluster;
import java.util.List;
import java.util.Locale;

/** The largest clusters of duplicates: what stays beside what is least like it. */
final class ClusterSection {
  private ClusterSection() {}

  static String html(List<Cluster> clusters) {
    if (clusters.isEmpty()) {
      return "";
    }
    var rows = new StringBuilder();
    for (Cluster cluster : clusters) {
      rows.append(
          """
          <div class="example">
          <p><b>%s rows</b> <span class="where">diameter %s, least like it: Jaccard %s</span></p>
          <div class="texts">%s%s</div>
          </div>
          """
              .formatted(
                  number(cluster.size()),
                  decimal(cluster.diameter()),
                  decimal(cluster.jaccard()),
                  figure(
                      "stays: <code>" + escape(cluster.keptId()) + "</code>",
                      cluster.kept(),
                      cluster.farthest()),
                  figure(
                      "goes: <code>" + escape(cluster.farthestId()) + "</code>",
                      cluster.farthest(),
                      cluster.kept())));
    }
    return """
    <h2>The largest clusters of duplicates</h2>
    <p>Rows that a chain of duplicates links. Of each cluster one row stays; all rows of all \
    clusters are in <code>clusters.jsonl</code>.</p>
    <details open><summary><b>Clusters</b></summary>
    %s</details>
    """
        .formatted(rows);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
