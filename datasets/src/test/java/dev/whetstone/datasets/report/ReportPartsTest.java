package dev.whetstone.datasets.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.artifacts.dataset.ContaminatedItem;
import dev.whetstone.artifacts.dataset.ContaminatedItem.Kind;
import dev.whetstone.datasets.rows.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReportPartsTest {
  @Test
  void theFunnelTellsRowsThatCameByRepeating() {
    Map<DropReason, Long> dropped = Map.of(DropReason.BROKEN, 1L);
    assertThat(Charts.funnel(10, dropped, 9)).doesNotContain("repeated");
    assertThat(Charts.funnel(10, dropped, 12)).contains("repeated or split", "+3");
  }

  @Test
  void ofManyTasksTheMostFoundAreSeenAtOnce() {
    Map<String, CheckedTask> tasks = new TreeMap<>();
    List<ContaminatedItem> items = new ArrayList<>();
    for (int t = 0; t < 23; t++) {
      String task = "task_%02d".formatted(t);
      tasks.put(task, new CheckedTask(50, 50, t, 0, t));
      for (int i = 0; i < t; i++) {
        items.add(
            new ContaminatedItem(
                task, "1", i, "d", "p", "t", Kind.QUESTION, 0.5, "words", 1, 0, List.of()));
      }
    }
    String html = ContaminationSection.html(tasks, items);
    int fold = html.indexOf("2 more tasks");
    assertThat(fold).isPositive();
    assertThat(html.indexOf("task_22")).isBetween(0, fold);
    assertThat(html.indexOf("task_02")).as("folded away").isGreaterThan(fold);
    assertThat(html.indexOf("task_00")).as("nothing found: in the last line").isBetween(0, fold);
    assertThat(html).doesNotContain("<b>task_02</b>");
    assertThat(ContaminationSection.html(Map.of(), List.of())).isEmpty();
  }
}
