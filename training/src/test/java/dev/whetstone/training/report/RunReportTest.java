package dev.whetstone.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.report.RunPage.Data;
import dev.whetstone.training.report.RunPage.Finding;
import dev.whetstone.training.report.RunPage.Part;
import dev.whetstone.training.report.RunPage.Progress;
import dev.whetstone.training.report.RunPage.Severity;
import dev.whetstone.training.report.RunPage.Status;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;

class RunReportTest {
  private static final String REFRESH = "http-equiv=\"refresh\"";

  private static void assertWellFormed(String html) throws Exception {
    String xml =
        html.replaceFirst("<!doctype html>", "")
            .replaceAll("<meta ([^>]*)>", "<meta $1/>")
            .replace("&copy;", "");
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  /** A run that says nothing but hostile text, wherever text can come from. */
  private static RunPage hostile(String text) {
    RunPage plain = SyntheticRuns.sft(12, 12, Status.FINISHED);
    var metrics = new ArrayList<StepMetrics>();
    plain
        .metrics()
        .forEach(
            each ->
                metrics.add(
                    new StepMetrics(
                        each.step(),
                        each.lossNats(),
                        each.gradNorm(),
                        each.learningRate(),
                        each.tokens(),
                        each.targets(),
                        each.seconds(),
                        each.tokensPerSecond(),
                        Map.of(text, 1.0))));
    return new RunPage(
        text,
        SyntheticRuns.config(
            "{\"dataset\": \"%s\", \"steps\": 12}".formatted(text.replace("\"", "\\\""))),
        plain.progress(),
        metrics,
        List.of(new Evaluation(0, 2, Map.of(text, 1.0), Map.of(text + "/" + text, 1.0), 1)),
        plain.data(),
        1,
        12,
        Optional.empty(),
        Optional.of(List.of(new Finding(Severity.ERROR, text))),
        Optional.of(new RunPage.Memory(List.of(new Part(text, 1)), OptionalLong.empty())),
        List.of(new RunPage.Equivalence(text, 0, 0, 1, 1)),
        List.of(new Ancestor(text, text, text, Map.of(text, text))));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 30, 5000})
  void aPageOfAnyLengthIsWellFormedAndSmall(int steps) throws Exception {
    String html = RunReport.html(SyntheticRuns.sft(steps, Math.max(1, steps), Status.FINISHED));
    assertWellFormed(html);
    assertThat(html).doesNotContain("NaN", "Infinity");
    assertThat(html.length()).isLessThan(200_000);
  }

  @Test
  void aLineHasSixHundredPointsAtMost() {
    String html = RunReport.html(SyntheticRuns.sft(5000, 5000, Status.FINISHED));
    List<Integer> points =
        Pattern.compile("points=\"([^\"]*)\"")
            .matcher(html)
            .results()
            .map((MatchResult line) -> line.group(1).trim().split(" ").length)
            .toList();
    assertThat(points).isNotEmpty().allMatch(count -> count <= 600);
  }

  @ParameterizedTest
  @EnumSource(Status.class)
  void onlyARunThatGoesOnLoadsItselfAnew(Status status) throws Exception {
    String html = RunReport.html(SyntheticRuns.sft(96, 240, status));
    assertWellFormed(html);
    assertThat(html.contains(REFRESH)).isEqualTo(status == Status.RUNNING);
  }

  @Test
  void aRunThatGoesOnSaysHowFarItIs() {
    RunPage run = SyntheticRuns.sft(96, 240, Status.RUNNING);
    assertThat(run.left()).hasValue(Duration.ofMillis((long) ((240 - 96) * 1150.0)));
    assertThat(RunReport.html(run))
        .contains("step 96 of 240</b>, about 2 min 45 s left")
        .contains("as of 2026-01-02 03:04:05 UTC");
    assertThat(RunReport.html(SyntheticRuns.sft(0, 240, Status.RUNNING)))
        .contains("step 0 of 240</b>, time left not known yet");
  }

  @Test
  void textIsNeverMarkup() throws Exception {
    String html = RunReport.html(hostile("<script>alert(\"1\")</script>&'"));
    assertWellFormed(html);
    assertThat(html).doesNotContain("<script").contains("&lt;script&gt;");
  }

  @Test
  void nothingComesFromElsewhere() {
    String html = RunReport.html(SyntheticRuns.dpo(40));
    assertThat(html)
        .contains("Content-Security-Policy\" content=\"default-src 'none'")
        .doesNotContain("http:", "https:", "src=", "href=", "url(", "@import");
  }

  @Test
  void cardsTellTheRun() {
    assertThat(RunReport.html(SyntheticRuns.sft(240, 240, Status.FINISHED)))
        .contains("<h3>Chosen step</h3><b>200</b><p>lowest validation loss</p>")
        .contains("<h3>Peak memory</h3><b>23.91 GB</b><p>predicted 24.74 GB (\u22123.3 %)</p>")
        .contains("of 989 TFLOP/s; ")
        .contains("<h3>Trained parameters</h3><b>40,370,176</b><p>rank 16, all linear layers</p>");
  }

  @Test
  void anObjectivesQuantitiesHaveCharts() {
    assertThat(RunReport.html(SyntheticRuns.dpo(40)))
        .contains("<h2>Margin</h2>", "<h2>Accuracy</h2>", "<h2>Reward</h2>", "chosen, validation")
        .contains("Loss, nats a pair");
  }

  @Test
  void whatIsNotKnownIsNotThere() {
    RunPage run = SyntheticRuns.sft(3, 3, Status.FINISHED);
    String html =
        RunReport.html(
            new RunPage(
                run.name(),
                run.config(),
                run.progress(),
                run.metrics(),
                List.of(),
                run.data(),
                1,
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of()));
    assertThat(html)
        .contains("an unnamed model")
        .doesNotContain(
            "Validation loss", "Chosen step", "utilization", "Peak memory", "Checks", "merged");
  }

  @Test
  void aLossThatIsNoNumberIsSaidInWords() throws Exception {
    var broken =
        new StepMetrics(2, Double.NaN, Double.POSITIVE_INFINITY, 1e-4, 200, 10, 2, 100, Map.of());
    var fine = new StepMetrics(1, 2.5, 1, 1e-4, 100, 10, 1, 100, Map.of());
    String html =
        RunReport.html(
            new RunPage(
                "broken",
                SyntheticRuns.config("{\"steps\": 2}"),
                new Progress(Status.INTERRUPTED, 2, 200, Instant.EPOCH),
                List.of(fine, broken),
                List.of(),
                new Data(10, 1000, 128),
                1,
                0,
                Optional.empty(),
                Optional.of(List.of()),
                Optional.empty(),
                List.of(),
                List.of()));
    assertWellFormed(html);
    assertThat(html)
        .contains("2.500 → not a number", "1 values were not finite and are not drawn.")
        .contains("Nothing was found that speaks against this run.");
  }
}
