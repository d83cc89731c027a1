package dev.whetstone.training.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.report.RunPage.Compute;
import dev.whetstone.training.report.RunPage.Equivalence;
import dev.whetstone.training.report.RunPage.Finding;
import dev.whetstone.training.report.RunPage.Memory;
import dev.whetstone.training.report.RunPage.Part;
import dev.whetstone.training.report.RunPage.Status;
import dev.whetstone.training.report.Series.Look;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * {@code report.html}: what was trained on what, how the loss went, what it cost. One file, nothing
 * from elsewhere. As long as the run goes on, the page loads itself anew every so often.
 */
public final class RunReport {
  private static final int REFRESH_SECONDS = 15;

  static final String STYLE =
      """
      :root{color-scheme:light dark;--ink:#1b2230;--soft:#5c6778;--line:#e1e6ee;--card:#fff;--page:#f4f6fa;--accent:#1f6feb;--tint:#e8f0fe;
      --s0:#1f6feb;--s1:#d9730d;--s2:#1a9c6c;--s3:#a347ba;--s4:#c93a4b;--s5:#6b7a12;--warn:#9a6200;--warnbg:#fdf3dc;--bad:#b42332;--badbg:#fde7e9}
      @media(prefers-color-scheme:dark){:root{--ink:#e5e9f1;--soft:#97a2b4;--line:#2a3240;--card:#171c25;--page:#0f1319;--accent:#6ea8ff;--tint:#1c2a44;
      --s0:#6ea8ff;--s1:#f0a054;--s2:#4fcf9f;--s3:#cf8be0;--s4:#f07f8b;--s5:#b9c651;--warn:#e8b75a;--warnbg:#33290f;--bad:#f28b95;--badbg:#3a181d}}
      *{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK SC",sans-serif}
      main{max-width:1040px;margin:0 auto;padding:30px 20px 60px}h1{font-size:27px;line-height:1.25;margin:0 0 2px;overflow-wrap:anywhere}h2{font-size:16px;margin:0 0 10px}
      .sub{color:var(--soft);margin:0 0 18px;overflow-wrap:anywhere}.badge{display:inline-block;border-radius:99px;padding:1px 10px;font-size:13px;font-weight:600;background:var(--tint);color:var(--accent);vertical-align:middle;margin-left:10px;white-space:nowrap}
      .badge.warning{background:var(--warnbg);color:var(--warn)}.badge.error{background:var(--badbg);color:var(--bad)}
      .run{margin:0 0 18px}.bar{height:8px;border-radius:99px;background:var(--line);overflow:hidden;margin:0 0 6px}.bar i{display:block;height:100%;background:var(--accent);border-radius:99px}
      .run b{font-variant-numeric:tabular-nums}.run span{color:var(--soft);float:right}
      .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(225px,1fr));gap:12px;margin-bottom:14px}
      .card,section{background:var(--card);border:1px solid var(--line);border-radius:12px}.card{padding:12px 16px 13px}
      .card h3{margin:0;font-size:13px;font-weight:500;color:var(--soft)}.card b{display:block;font-size:23px;line-height:1.3;font-weight:650;font-variant-numeric:tabular-nums}.card p{margin:0;font-size:13px;color:var(--soft)}
      section{padding:16px 18px;margin-bottom:14px;min-width:0}.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:0 14px}
      .plot{overflow-x:auto}.chart{width:100%;min-width:400px;height:auto;display:block}.wide .chart{min-width:620px}
      .grid{stroke:var(--line)}.tick{fill:var(--soft);font-size:11.5px;font-variant-numeric:tabular-nums}.line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
      .s0{stroke:var(--s0)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}.s3{stroke:var(--s3)}.s4{stroke:var(--s4)}.s5{stroke:var(--s5)}
      .faint{stroke-width:1.1;opacity:.38}.dot{fill:var(--card);stroke-width:2}.mark{stroke:var(--soft);stroke-dasharray:3 4}.hover{fill:transparent}.hover:hover{fill:var(--accent);opacity:.12}
      .legend{display:flex;flex-wrap:wrap;gap:2px 16px;margin:-4px 0 8px;font-size:13px;color:var(--soft)}.legend svg{width:16px;height:10px;margin-right:6px}.legend line{stroke-width:3}
      .note{color:var(--soft);font-size:13px;margin:8px 0 0}
      table{border-collapse:collapse;width:100%;font-size:14px}th,td{padding:6px 10px 6px 0;border-top:1px solid var(--line);vertical-align:top;text-align:left;overflow-wrap:anywhere}
      tr:first-child>*{border-top:0}th{font-weight:500;color:var(--soft)}td.num,th.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.sum td{font-weight:650}
      .keys td:first-child{color:var(--soft);width:46%}.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(400px,100%),1fr));gap:0 32px;align-items:start}.share{width:36%}.share i{display:block;height:10px;margin-top:6px;border-radius:3px;background:var(--accent);opacity:.75}
      .scroll{overflow-x:auto}ul.findings,ol{margin:0;padding:0;list-style:none}.findings li{display:flex;gap:10px;align-items:baseline;padding:6px 0;border-top:1px solid var(--line)}.findings li:first-child{border-top:0}
      .findings .badge{margin:0;flex:none;width:84px;text-align:center}ol li{padding:9px 0;border-top:1px solid var(--line)}ol li:first-child{border-top:0;padding-top:0}
      .kind{color:var(--soft);font-size:13px;margin-right:6px}code{font:12px/1.5 ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;color:var(--soft);overflow-wrap:anywhere}ol code{display:block}
      .facts{font-size:13px;color:var(--soft);display:flex;flex-wrap:wrap;gap:0 14px}.facts>*{min-width:0}.facts b{font-weight:500;color:var(--ink);overflow-wrap:anywhere}
      @media(max-width:560px){.cards{grid-template-columns:1fr 1fr}.card b{font-size:18px}}
      @media print{body{background:#fff}section,.card{break-inside:avoid}}
      """;

  private final RunPage run;
  private final StringBuilder page = new StringBuilder();

  private RunReport(RunPage run) {
    this.run = run;
  }

  /** The page of a run. */
  public static String html(RunPage run) {
    return new RunReport(run).page();
  }

  private String page() {
    head();
    progress();
    cards();
    lossChart();
    page.append("<div class=\"pair\">");
    benchmarkCharts();
    objectiveCharts();
    stepCharts();
    page.append("</div>");
    run.preflight().ifPresent(this::findings);
    run.memory().filter(memory -> !memory.parts().isEmpty()).ifPresent(this::memory);
    if (!run.equivalence().isEmpty()) {
      equivalence();
    }
    page.append("<div class=\"pair\">");
    data();
    lineage();
    page.append("</div>");
    recipe();
    return page.append("</main></body></html>\n").toString();
  }

  private void head() {
    page.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.append(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
            + " 'unsafe-inline'; base-uri 'none'; form-action 'none'\">");
    page.append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
    if (run.progress().goesOn()) {
      page.append("<meta http-equiv=\"refresh\" content=\"").append(REFRESH_SECONDS).append("\">");
    }
    page.append("<title>");
    if (run.progress().goesOn()) {
      page.append(run.step()).append(" of ").append(run.progress().totalSteps()).append(" · ");
    }
    text(run.name());
    page.append(" · LoRA run</title><style>").append(STYLE).append("</style></head><body><main>");
    page.append("<h1>");
    text(run.name());
    String badge =
        switch (run.progress().status()) {
          case INTERRUPTED -> " warning";
          case FAILED -> " error";
          case RUNNING, STOPPED_EARLY, FINISHED -> "";
        };
    page.append("<span class=\"badge").append(badge).append("\">");
    text(state());
    page.append("</span></h1><p class=\"sub\">");
    text(
        "%s, LoRA rank %d on %s"
            .formatted(
                run.config().objective().kind().key().toUpperCase(Locale.ROOT),
                run.config().lora().rank(),
                modelName()));
    page.append("</p>");
  }

  private String state() {
    return switch (run.progress().status()) {
      case RUNNING -> "running";
      case INTERRUPTED -> "interrupted";
      case FAILED -> "failed";
      case STOPPED_EARLY -> "stopped early";
      case FINISHED -> "finished";
    };
  }

  private String modelName() {
    return Ancestor.newest(run.lineage(), "model").map(Ancestor::name).orElse("an unnamed model");
  }

  /** How far the run is; nothing once it is complete. */
  private void progress() {
    Status status = run.progress().status();
    if (status == Status.FINISHED) {
      return;
    }
    int total = run.progress().totalSteps();
    double share = total == 0 ? 0 : Math.min(1, run.step() / (double) total);
    page.append(
        String.format(
            Locale.ROOT,
            "<div class=\"run\"><div class=\"bar\"><i style=\"width:%.2f%%\"></i></div>"
                + "<span>as of %s UTC</span><b>step %s of %s</b>",
            100 * share,
            run.progress().written().toString().replace('T', ' ').replaceAll("(\\.\\d+)?Z", ""),
            Figures.count(run.step()),
            Figures.count(total)));
    text(
        switch (status) {
          case RUNNING ->
              run.left()
                  .map(left -> ", about " + Figures.time(left) + " left")
                  .orElse(", time left not known yet");
          case FAILED -> "; the last checkpoint stands";
          case INTERRUPTED -> "; the same command goes on from the last checkpoint";
          case STOPPED_EARLY -> "; the validation loss had stopped falling";
          case FINISHED -> "";
        });
    page.append("</div>");
  }

  private void cards() {
    page.append("<div class=\"cards\">");
    List<StepMetrics> metrics = run.metrics();
    if (!metrics.isEmpty()) {
      card(
          "Training loss",
          fromTo(metrics.get(0).lossNats(), metrics.get(metrics.size() - 1).lossNats()),
          run.lossUnit());
    }
    List<Evaluation> evaluations = run.evaluations();
    if (!evaluations.isEmpty()) {
      card(
          "Validation loss",
          fromTo(evaluations.get(0).lossNats(), evaluations.get(evaluations.size() - 1).lossNats()),
          run.bestEvaluation()
              .map(
                  best ->
                      "lowest %s, step %d".formatted(Figures.nats(best.lossNats()), best.step()))
              .orElse("no measurement was finite"));
    }
    if (run.bestStep() > 0) {
      card(
          "Chosen step",
          Figures.count(run.bestStep()),
          !run.config().checkpoint().best()
              ? "the last one"
              : run.progress().goesOn()
                  ? "lowest validation loss so far"
                  : "lowest validation loss");
    }
    run.last().ifPresent(this::speedCards);
    run.compute().ifPresent(this::computeCard);
    run.memory().ifPresent(this::memoryCard);
    card(
        "Trained parameters",
        Figures.count(run.trainedParameters()),
        "rank %d, %s".formatted(run.config().lora().rank(), targets()));
    page.append("</div>");
  }

  private void speedCards(StepMetrics last) {
    card(
        "Time",
        Figures.time(Duration.ofMillis((long) (1e3 * last.seconds()))),
        "%s %s".formatted(Figures.count(last.step()), last.step() == 1 ? "step" : "steps"));
    card(
        "Tokens a second",
        String.format(Locale.ROOT, "%,.0f", run.tokensPerSecond().orElse(0)),
        Figures.count(last.tokens()) + " tokens in all");
  }

  private String targets() {
    JsonNode targets = run.config().lora().targets();
    if (targets == null || targets.isNull() || targets.asText().equals("all-linear")) {
      return "all linear layers";
    }
    return targets.isArray() ? targets.size() + " kinds of layers" : "layers by pattern";
  }

  private static String fromTo(double from, double to) {
    return Figures.nats(from) + " → " + Figures.nats(to);
  }

  private void computeCard(Compute compute) {
    OptionalDouble speed = run.tokensPerSecond();
    if (speed.isEmpty()) {
      return;
    }
    Flops flops = compute.perToken();
    if (compute.peakPerSecond().isEmpty()) {
      card(
          "Arithmetic",
          Figures.operations(flops.needed() * speed.getAsDouble()),
          "needed work; %s's peak is not known".formatted(compute.device()));
      return;
    }
    double peak = compute.peakPerSecond().getAsDouble();
    card(
        "Model FLOPs utilization",
        Figures.percent(flops.modelUtilization(speed.getAsDouble(), peak)),
        "of %s%s"
            .formatted(
                Figures.operations(peak),
                flops.recompute() == 0
                    ? ", " + compute.device()
                    : "; %s with what is computed twice"
                        .formatted(
                            Figures.percent(
                                flops.hardwareUtilization(speed.getAsDouble(), peak)))));
  }

  private void memoryCard(Memory memory) {
    if (memory.measuredPeakBytes().isPresent()) {
      long measured = memory.measuredPeakBytes().getAsLong();
      card(
          "Peak memory",
          Figures.bytes(measured),
          memory.parts().isEmpty()
              ? "measured"
              : "predicted %s (%s)"
                  .formatted(
                      Figures.bytes(memory.predictedBytes()),
                      Figures.change(memory.predictedBytes(), measured)));
    } else if (!memory.parts().isEmpty()) {
      card("Peak memory", Figures.bytes(memory.predictedBytes()), "predicted, not measured");
    }
  }

  private void lossChart() {
    List<Series> series = new ArrayList<>();
    series.add(steps("training", Look.SMOOTHED, StepMetrics::lossNats));
    if (!run.evaluations().isEmpty()) {
      series.add(measured("validation", Evaluation::lossNats));
    }
    boolean chosen = run.config().checkpoint().best() && run.bestStep() > 0;
    chart(
        "Loss, " + run.lossUnit(),
        new Chart(
            "Loss over steps",
            true,
            series,
            chosen ? OptionalInt.of(run.bestStep()) : OptionalInt.empty()));
  }

  /** A chart a metric, a line a task. */
  private void benchmarkCharts() {
    var byMetric = new TreeMap<String, TreeSet<String>>();
    for (Evaluation evaluation : run.evaluations()) {
      for (String name : evaluation.scores().keySet()) {
        byMetric
            .computeIfAbsent(name.substring(name.lastIndexOf('/') + 1), key -> new TreeSet<>())
            .add(name);
      }
    }
    byMetric.forEach(
        (metric, names) -> {
          var all = new ArrayList<>(names);
          for (int from = 0; from < all.size(); from += Chart.COLOURS) {
            List<Series> series =
                all.subList(from, Math.min(all.size(), from + Chart.COLOURS)).stream()
                    .map(this::scores)
                    .toList();
            String tasks = series.size() == 1 ? series.get(0).name() : "Benchmarks";
            chart(
                tasks + ", " + metric.replace('_', ' '),
                Chart.half("Benchmark scores over steps", series));
          }
        });
  }

  private Series scores(String taskAndMetric) {
    int end = taskAndMetric.lastIndexOf('/');
    return measured(
        end < 0 ? taskAndMetric : taskAndMetric.substring(0, end),
        each -> each.scores().getOrDefault(taskAndMetric, Double.NaN));
  }

  /** What the objective tells; names that begin alike, such as reward_chosen, share a chart. */
  private void objectiveCharts() {
    var names = new TreeSet<String>();
    run.metrics().forEach(step -> names.addAll(step.more().keySet()));
    run.evaluations().forEach(each -> names.addAll(each.more().keySet()));
    var groups = new LinkedHashMap<String, List<String>>();
    for (String name : names) {
      int end = name.lastIndexOf('_');
      String stem = end < 0 ? name : name.substring(0, end);
      groups.computeIfAbsent(stem, key -> new ArrayList<>()).add(name);
    }
    groups.forEach(
        (stem, members) -> {
          var series = new ArrayList<Series>();
          for (String name : members.subList(0, Math.min(members.size(), Chart.COLOURS / 2))) {
            String shown = members.size() == 1 ? "training" : name.substring(stem.length() + 1);
            series.add(
                steps(shown, Look.SMOOTHED, each -> each.more().getOrDefault(name, Double.NaN)));
            if (run.evaluations().stream().anyMatch(each -> each.more().containsKey(name))) {
              series.add(
                  measured(
                      members.size() == 1 ? "validation" : shown + ", validation",
                      each -> each.more().getOrDefault(name, Double.NaN)));
            }
          }
          String title = (members.size() == 1 ? members.get(0) : stem).replace('_', ' ');
          chart(
              title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1),
              Chart.half(title + " over steps", series));
        });
  }

  private void stepCharts() {
    chart(
        "Gradient norm before clipping, L2",
        Chart.half(
            "Gradient norm over steps",
            List.of(steps("gradient norm", Look.SMOOTHED, StepMetrics::gradNorm))));
    chart(
        "Learning rate",
        Chart.half(
            "Learning rate over steps",
            List.of(steps("learning rate", Look.LINE, StepMetrics::learningRate))));
    chart(
        "Speed, tokens a second",
        Chart.half(
            "Tokens a second over steps",
            List.of(steps("tokens a second", Look.SMOOTHED, StepMetrics::tokensPerSecond))));
  }

  private Series steps(String name, Look look, Function<StepMetrics, Double> value) {
    return Series.of(name, look, run.metrics(), StepMetrics::step, value::apply);
  }

  private Series measured(String name, Function<Evaluation, Double> value) {
    return Series.of(name, Look.DOTS, run.evaluations(), Evaluation::step, value::apply);
  }

  private void chart(String title, Chart chart) {
    String svg = chart.svg();
    long notFinite = chart.notFinite();
    if (svg.isEmpty() && notFinite == 0) {
      return;
    }
    page.append("<section").append(chart.wide() ? " class=\"wide\"" : "").append("><h2>");
    text(title);
    page.append("</h2>");
    if (chart.series().size() > 1) {
      page.append(chart.legend());
    }
    page.append("<div class=\"plot\">").append(svg).append("</div>");
    int steps = run.metrics().size();
    if (chart.wide() && steps >= Chart.LEAST_SMOOTHED) {
      note(
          "The strong line is a moving average over about %d steps."
              .formatted(Chart.window(steps)));
    }
    if (notFinite > 0) {
      note("%s values were not finite and are not drawn.".formatted(Figures.count(notFinite)));
    }
    page.append("</section>");
  }

  private void note(String sentence) {
    page.append("<p class=\"note\">");
    text(sentence);
    page.append("</p>");
  }

  private void findings(List<Finding> findings) {
    section("Checks before the run");
    if (findings.isEmpty()) {
      note("Nothing was found that speaks against this run.");
    } else {
      page.append("<ul class=\"findings\">");
      for (Finding finding : findings) {
        String severity = finding.severity().name().toLowerCase(Locale.ROOT);
        page.append("<li><span class=\"badge %s\">%s</span><span>".formatted(severity, severity));
        text(finding.sentence());
        page.append("</span></li>");
      }
      page.append("</ul>");
    }
    page.append("</section>");
  }

  private void memory(Memory memory) {
    section("Memory, planned and used");
    page.append("<div class=\"scroll\"><table>");
    long most = memory.parts().stream().mapToLong(Part::bytes).max().orElse(1);
    for (Part part : memory.parts()) {
      memoryRow("", part.name(), part.bytes(), part.bytes() / (double) Math.max(1, most), "");
    }
    long predicted = memory.predictedBytes();
    memoryRow("sum", "predicted peak", predicted, 0, "");
    memory
        .measuredPeakBytes()
        .ifPresent(
            peak -> memoryRow("sum", "measured peak", peak, 0, Figures.change(predicted, peak)));
    page.append("</table></div></section>");
  }

  private void memoryRow(String kind, String name, long bytes, double share, String note) {
    page.append("<tr class=\"").append(kind).append("\"><td>");
    text(name);
    page.append("</td><td class=\"num\">").append(Figures.bytes(bytes));
    page.append("</td><td class=\"share\">");
    if (share > 0) {
      page.append(String.format(Locale.ROOT, "<i style=\"width:%.1f%%\"></i>", 100 * share));
    }
    text(note);
    page.append("</td></tr>");
  }

  private void equivalence() {
    section("Is the merged model the trained model?");
    page.append("<div class=\"scroll\"><table><tr><th>compared</th>");
    for (String head :
        List.of("largest difference, nats", "mean, nats", "same greedy token", "positions")) {
      page.append("<th class=\"num\">").append(head).append("</th>");
    }
    page.append("</tr>");
    for (Equivalence each : run.equivalence()) {
      page.append("<tr><td>");
      text(each.compared());
      page.append("</td>");
      for (String cell :
          List.of(
              Figures.number(each.largestNats()),
              Figures.number(each.meanNats()),
              String.format(Locale.ROOT, "%.2f %%", 100 * each.sameGreedy()),
              Figures.count(each.positions()))) {
        page.append("<td class=\"num\">").append(cell).append("</td>");
      }
      page.append("</tr>");
    }
    page.append("</table></div></section>");
  }

  private void data() {
    section("What it learnt from");
    page.append("<table class=\"keys\">");
    RunPage.Data data = run.data();
    row(run.exampleNoun(), Figures.count(data.examples()));
    row("tokens of all of them", Figures.count(data.tokens()));
    if (data.packLength() > 0) {
      row(
          "packs are full to",
          "%s of %s tokens"
              .formatted(
                  Figures.percent(data.tokens() / ((double) data.examples() * data.packLength())),
                  Figures.count(data.packLength())));
    }
    run.last()
        .ifPresent(
            last -> {
              long targets = run.metrics().stream().mapToLong(StepMetrics::targets).sum();
              row("tokens trained on", Figures.count(last.tokens()));
              row(
                  "passes over the data",
                  String.format(Locale.ROOT, "%.2f", last.tokens() / (double) data.tokens()));
              row(
                  "targets of the loss",
                  "%s, %s of the tokens"
                      .formatted(
                          Figures.count(targets),
                          Figures.percent(targets / (double) last.tokens())));
            });
    page.append("</table></section>");
  }

  private void lineage() {
    section("Where it comes from");
    page.append("<ol>");
    for (Ancestor ancestor : run.lineage()) {
      page.append("<li><span class=\"kind\">");
      text(ancestor.kind());
      page.append("</span>");
      text(ancestor.name());
      if (!ancestor.facts().isEmpty()) {
        page.append("<div class=\"facts\">");
        for (Map.Entry<String, String> fact : ancestor.facts().entrySet()) {
          page.append("<span>");
          text(fact.getKey());
          page.append(" <b>");
          text(fact.getValue());
          page.append("</b></span>");
        }
        page.append("</div>");
      }
      page.append("<code>");
      text(ancestor.content());
      page.append("</code></li>");
    }
    page.append("</ol></section>");
  }

  private void recipe() {
    section("Recipe, every default filled in");
    page.append("<div class=\"columns\">");
    var keys = new ArrayList<>(Recipe.rows(run.config()).entrySet());
    int half = (keys.size() + 1) / 2;
    for (List<Map.Entry<String, String>> column :
        List.of(keys.subList(0, half), keys.subList(half, keys.size()))) {
      page.append("<table class=\"keys\">");
      column.forEach(entry -> row(entry.getKey(), entry.getValue()));
      page.append("</table>");
    }
    page.append("</div></section>");
  }

  private void section(String title) {
    page.append("<section><h2>");
    text(title);
    page.append("</h2>");
  }

  private void card(String label, String value, String note) {
    page.append("<div class=\"card\"><h3>");
    text(label);
    page.append("</h3><b>");
    text(value);
    page.append("</b><p>");
    text(note);
    page.append("</p></div>");
  }

  private void row(String key, String value) {
    page.append("<tr><td>");
    text(key);
    page.append("</td><td>");
    text(value);
    page.append("</td></tr>");
  }

  private void text(String text) {
    page.append(Html.escape(text));
  }
}
