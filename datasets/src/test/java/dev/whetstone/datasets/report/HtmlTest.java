package dev.whetstone.datasets.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.artifacts.dataset.ContaminatedItem;
import dev.whetstone.artifacts.dataset.ContaminatedItem.Kind;
import dev.whetstone.artifacts.dataset.ContaminatedItem.Place;
import dev.whetstone.datasets.report.ReportData.ChangedExample;
import dev.whetstone.datasets.report.ReportData.Cluster;
import dev.whetstone.datasets.report.ReportData.DroppedExample;
import dev.whetstone.datasets.report.ReportData.KeptRow;
import dev.whetstone.datasets.report.ReportData.MixtureShare;
import dev.whetstone.datasets.report.ReportData.SourceFacts;
import dev.whetstone.datasets.report.ReportData.SplitFacts;
import dev.whetstone.datasets.rows.DropReason;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class HtmlTest {
  private static final String EVIL =
      "<script>alert('x')</script>\"&\u0007\u202E<img src=x onerror=y>";

  @Test
  void nothingThatARowSaysBecomesMarkup() {
    Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    for (DropReason reason : DropReason.values()) {
      dropped.put(reason, 1L);
    }
    String page =
        ReportPage.html(
            new ReportData(
                EVIL,
                EVIL,
                "2026-01-02T03:04:05Z",
                1.5,
                List.of(new SourceFacts(EVIL, 1, EVIL, 1, 1, 1)),
                10,
                dropped,
                List.of(new SplitFacts("train", 2, new int[] {3, 5}, 4, List.of(8))),
                8,
                Map.of(EVIL, 1L),
                List.of(
                    new DroppedExample(
                        DropReason.NEAR_DUPLICATE,
                        EVIL,
                        EVIL,
                        1,
                        EVIL,
                        EVIL,
                        Optional.of(new KeptRow(EVIL, EVIL + "!")))),
                List.of(new ChangedExample(EVIL, EVIL, 1, EVIL, EVIL, "x" + EVIL)),
                List.of(new Cluster(2, 0.5, EVIL, EVIL, EVIL, 0.5, "x" + EVIL)),
                Map.of(EVIL, 3L),
                List.of(new MixtureShare(EVIL, OptionalDouble.of(0.5), 0.5, 1, 2, "tokens", 0)),
                Map.of(EVIL, new CheckedTask(3, 3, 1, 1, 2)),
                List.of(
                    new ContaminatedItem(
                        EVIL,
                        EVIL,
                        0,
                        EVIL,
                        EVIL,
                        EVIL,
                        Kind.WHOLE,
                        0.5,
                        EVIL,
                        2,
                        1,
                        List.of(new Place(EVIL, EVIL, 1)))),
                EVIL));
    assertThat(page).doesNotContain("<script").doesNotContain("<img").doesNotContain("\u202E");
    assertThat(page).contains("&lt;script&gt;").contains("\u2407").contains("[U+202E]");
    assertThat(page)
        .contains("default-src 'none'")
        .doesNotContain("http://")
        .doesNotContain("https://");
  }

  @Test
  void aReportOfNothingIsAPageToo() {
    String page =
        ReportPage.html(
            new ReportData(
                "none",
                "sha256:0",
                "2026-01-02T03:04:05Z",
                0,
                List.of(),
                0,
                new EnumMap<>(DropReason.class),
                List.of(new SplitFacts("train", 0, new int[0], 0, List.of())),
                8,
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                List.of(),
                Map.of(),
                List.of(),
                "{}"));
    assertThat(page).endsWith("</html>\n").doesNotContain("NaN");
  }
}
