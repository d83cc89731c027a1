package dev.whetstone.datasets.report;

import static dev.whetstone.datasets.report.Html.escape;
import static dev.whetstone.datasets.report.Html.number;

import dev.whetstone.datasets.report.ReportData.MixtureShare;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What rows are of: the mixture of sources as asked and as got, and the languages. */
final class MixtureSection {
  private static final int LANGUAGES_SHOWN = 20;

  private MixtureSection() {}

  static String html(List<MixtureShare> mixture, Map<String, Long> languages) {
    return shares(mixture) + languages(languages);
  }

  private static String shares(List<MixtureShare> mixture) {
    if (mixture.isEmpty()) {
      return "";
    }
    var rows = new StringBuilder();
    for (MixtureShare share : mixture) {
      rows.append(
          "<tr><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td></tr>"
              .formatted(
                  escape(share.source()),
                  share.asked().isPresent() ? exact(share.asked().getAsDouble()) : "all",
                  exact(share.got()),
                  number(share.amount()),
                  number(share.rows()),
                  number(share.leftOut())));
    }
    return """
    <h2>The mixture of sources</h2>
    <p>Of the training rows, counted in %s after cleaning and deduplication. Rows that their source's share or cap left out are in \
    <code>dropped/mixture.jsonl</code>.</p>
    <div class="card scroll"><table>
    <tr><th>source</th><th class="n">asked</th><th class="n">got</th><th class="n">%s</th><th class="n">rows</th>\
    <th class="n">left out</th></tr>%s</table></div>
    """
        .formatted(mixture.get(0).unit(), mixture.get(0).unit(), rows);
  }

  private static String languages(Map<String, Long> languages) {
    if (languages.isEmpty()) {
      return "";
    }
    long all = languages.values().stream().mapToLong(Long::longValue).sum();
    var rows = new StringBuilder();
    languages.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(LANGUAGES_SHOWN)
        .forEach(
            language ->
                rows.append(
                    "<tr><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td><svg width=\"240\" height=\"12\" role=\"img\" aria-label=\"%s\"><rect width=\"%.1f\" height=\"12\" fill=\"currentColor\" opacity=\"0.6\"/></svg></td></tr>"
                        .formatted(
                            escape(language.getKey()),
                            number(language.getValue()),
                            exact((double) language.getValue() / all),
                            escape(language.getKey()),
                            Math.max(1, 240.0 * language.getValue() / all))));
    return """
    <h2>Languages</h2>
    <p>Of the rows that cleaning left; <code>und</code> has too little text to tell.</p>
    <div class="card scroll"><table>
    <tr><th>language</th><th class="n">rows</th><th class="n">share</th><th></th></tr>%s</table></div>
    """
        .formatted(rows);
  }

  /** With two digits: shares are exact in tokens, and one digit would hide that. */
  private static String exact(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }
}
