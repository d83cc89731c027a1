package dev.whetstone.training.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.RunFacts;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.evaluate.Evaluation;
import java.util.List;
import java.util.Locale;

/**
 * {@code report.html}: what was trained on what, how the loss went, what it cost. One file, nothing
 * from elsewhere.
 */
public final class RunReport {
  private static final String STYLE =
      """
      :root{color-scheme:light dark;--ink:#1c2330;--soft:#5d6879;--line:#dfe4ec;--card:#fff;--page:#f5f7fa;--accent:#1f6feb;--faint:#a8c6f5}
      @media(prefers-color-scheme:dark){:root{--ink:#e6eaf2;--soft:#98a3b5;--line:#2c3442;--card:#171c25;--page:#0f131a;--accent:#6aa6ff;--faint:#2f4a75}}
      *{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
      main{max-width:920px;margin:0 auto;padding:28px 20px 60px}h1{font-size:26px;margin:0 0 2px}h2{font-size:17px;margin:0 0 10px}
      .sub{color:var(--soft);margin:0 0 22px}.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-bottom:18px}
      .card,section{background:var(--card);border:1px solid var(--line);border-radius:10px}.card{padding:12px 14px}.card b{display:block;font-size:21px;font-variant-numeric:tabular-nums}
      .card span{color:var(--soft);font-size:13px}section{padding:18px;margin-bottom:18px}.chart{width:100%;height:auto;display:block}
      .grid{stroke:var(--line)}.tick{fill:var(--soft);font-size:11px}.raw,.smooth{fill:none;stroke:var(--accent);stroke-width:1.6;stroke-linejoin:round}
      .faint{stroke:var(--faint)}.smooth{stroke-width:2.4}.hover{fill:transparent}.hover:hover{fill:var(--accent)}
      table{border-collapse:collapse;width:100%;font-size:14px}td{padding:5px 8px;border-top:1px solid var(--line);vertical-align:top}td:first-child{color:var(--soft);width:34%}
      td{overflow-wrap:anywhere}ol{margin:0;padding-left:20px}li{margin:6px 0}.kind{color:var(--soft);font-size:13px}code{font-size:12px;color:var(--soft)}
      """;

  private RunReport() {}

  /** The page. */
  public static String html(
      String name, TrainConfig config, RunFacts facts, List<Ancestor> lineage) {
    StepMetrics first = facts.metrics().get(0);
    StepMetrics last = facts.last();
    var page = new StringBuilder();
    page.append(
        "<!doctype html>\n"
            + "<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\""
            + " content=\"width=device-width,initial-scale=1\">");
    page.append("<title>")
        .append(Html.escape(name))
        .append(" · LoRA run</title><style>")
        .append(STYLE)
        .append("</style></head><body><main>");
    page.append("<h1>")
        .append(Html.escape(name))
        .append("</h1><p class=\"sub\">LoRA run on ")
        .append(Html.escape(modelName(lineage)))
        .append("</p>");
    page.append("<div class=\"cards\">");
    card(page, number(last.step()), "optimizer steps");
    card(page, number(last.tokens()), "tokens");
    card(
        page,
        String.format(Locale.ROOT, "%.0f", last.tokens() / last.seconds()),
        "tokens a second");
    card(page, String.format(Locale.ROOT, "%.0f s", last.seconds()), "training time");
    card(
        page,
        String.format(Locale.ROOT, "%.3f → %.3f", first.lossNats(), last.lossNats()),
        "training loss, nats");
    card(page, validation(facts), "validation loss, nats");
    card(page, number(facts.trainedParameters()), "trained parameters");
    card(
        page,
        facts.peakMemoryBytes() == 0
            ? "–"
            : String.format(Locale.ROOT, "%.2f GB", facts.peakMemoryBytes() / 1e9),
        "peak memory");
    page.append("</div>");
    chart(
        page,
        "Loss, nats a target",
        LossChart.svg(facts.metrics(), StepMetrics::lossNats, "Loss over steps", true));
    chart(
        page,
        "Gradient norm before clipping, L2",
        LossChart.svg(facts.metrics(), StepMetrics::gradNorm, "Gradient norm over steps", true));
    chart(
        page,
        "Learning rate",
        LossChart.svg(
            facts.metrics(), StepMetrics::learningRate, "Learning rate over steps", false));
    chart(
        page,
        "Speed, tokens a second",
        LossChart.svg(
            facts.metrics(), StepMetrics::tokensPerSecond, "Tokens a second over steps", true));
    page.append("<section><h2>What it learnt from</h2><table>");
    row(page, "packs", number(facts.examples()) + " of up to " + facts.length() + " tokens");
    row(page, "packs are full to", String.format(Locale.ROOT, "%.1f %%", 100 * facts.fill()));
    row(
        page,
        "targets",
        String.format(
            Locale.ROOT,
            "%s, %.1f %% of the tokens",
            number(facts.targets()),
            100.0 * facts.targets() / last.tokens()));
    page.append("</table></section><section><h2>Where it comes from</h2><ol>");
    for (Ancestor ancestor : lineage) {
      page.append("<li><span class=\"kind\">")
          .append(Html.escape(ancestor.kind()))
          .append("</span> ")
          .append(Html.escape(ancestor.name()));
      page.append("<br><code>").append(Html.escape(ancestor.content())).append("</code></li>");
    }
    page.append("</ol></section><section><h2>Recipe, every default filled in</h2><table>");
    JsonNode recipe = Json.mapper().valueToTree(config);
    recipe
        .properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isNull()) {
                row(
                    page,
                    entry.getKey(),
                    entry.getValue().isTextual()
                        ? entry.getValue().asText()
                        : entry.getValue().toString());
              }
            });
    return page.append("</table></section></main></body></html>\n").toString();
  }

  private static String modelName(List<Ancestor> lineage) {
    return lineage.stream()
        .filter(a -> a.kind().equals("model"))
        .map(Ancestor::name)
        .findFirst()
        .orElse("an unnamed model");
  }

  private static void chart(StringBuilder page, String title, String svg) {
    page.append("<section><h2>")
        .append(Html.escape(title))
        .append("</h2>")
        .append(svg)
        .append("</section>");
  }

  private static void card(StringBuilder page, String value, String label) {
    page.append("<div class=\"card\"><b>")
        .append(Html.escape(value))
        .append("</b><span>")
        .append(Html.escape(label))
        .append("</span></div>");
  }

  private static void row(StringBuilder page, String key, String value) {
    page.append("<tr><td>")
        .append(Html.escape(key))
        .append("</td><td>")
        .append(Html.escape(value))
        .append("</td></tr>");
  }

  private static String validation(RunFacts facts) {
    List<Evaluation> all = facts.evaluations();
    return all.isEmpty()
        ? "–"
        : String.format(
            Locale.ROOT, "%.3f → %.3f", all.get(0).lossNats(), all.get(all.size() - 1).lossNats());
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
