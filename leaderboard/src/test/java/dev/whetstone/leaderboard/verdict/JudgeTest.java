package dev.whetstone.leaderboard.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.leaderboard.intake.ResultReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JudgeTest {
  private final Judge judge = new Judge(Policy.BOARD);
  private int folders;

  @TempDir private Path folder;

  private Side orders(TinyResults result) {
    return side(result, "orders");
  }

  private Side side(TinyResults result, String task) {
    Entry entry = ResultReader.read(result.write(folder.resolve("r" + folders++)), "");
    TaskResult found =
        entry.tasks().stream().filter(r -> r.task().equals(task)).findFirst().orElseThrow();
    return new Side(entry, found);
  }

  @Test
  void clearGainIsAnImprovementOverTheBetterPrompt() {
    Side zero = orders(TinyResults.ofBase("m", 0).right(0.02, 0.5, 1));
    Side three = orders(TinyResults.ofBase("m", 3).right(0.25, 0.5, 2));
    Side adapter = orders(TinyResults.ofAdapter("m", "a").right(0.95, 0.5, 3));
    Verdict verdict = judge.againstBest(List.of(zero, three), List.of(adapter)).get(0);
    assertThat(verdict).isInstanceOf(Verdict.Improved.class);
    Comparison by = verdict.comparison().orElseThrow();
    assertThat(by.baseline()).isEqualTo(three);
    assertThat(by.shotsDiffer()).isTrue();
    assertThat(by.difference().interval().orElseThrow().low()).isPositive();
    Verdict swapped = judge.againstBest(List.of(adapter), List.of(three)).get(0);
    assertThat(swapped).isInstanceOf(Verdict.Regressed.class);
    assertThat(swapped.comparison().orElseThrow().difference().value())
        .isEqualTo(-by.difference().value());
  }

  @Test
  void noiseIsNotEnoughEvidenceAndSaysWhatWouldBeSeen() {
    Side base = orders(TinyResults.ofBase("m", 0).right(0.5, 0.5, 4));
    Side adapter = orders(TinyResults.ofAdapter("m", "a").right(0.55, 0.5, 5));
    Verdict verdict = judge.againstBest(List.of(base), List.of(adapter)).get(0);
    assertThat(verdict).isInstanceOf(Verdict.NotEnoughEvidence.class);
    assertThat(((Verdict.NotEnoughEvidence) verdict).smallestEffect().orElseThrow())
        .isBetween(0.1, 0.6);
  }

  @Test
  void sameAnswersToManyQuestionsAreUnchanged() {
    Side base = orders(TinyResults.ofBase("m", 0).documents(1500).right(0.5, 0.5, 6));
    Side adapter = orders(TinyResults.ofAdapter("m", "a").documents(1500).right(0.5, 0.5, 6));
    assertThat(judge.againstBest(List.of(base), List.of(adapter)).get(0))
        .isInstanceOf(Verdict.Unchanged.class);
  }

  @Test
  void otherDocumentsAreNotComparable() {
    Side base = orders(TinyResults.ofBase("m", 0).documents(20));
    Side adapter = orders(TinyResults.ofAdapter("m", "a"));
    Verdict verdict = judge.againstBest(List.of(base), List.of(adapter)).get(0);
    assertThat(verdict).isInstanceOf(Verdict.NotComparable.class);
    assertThat(((Verdict.NotComparable) verdict).reason())
        .contains("20 on the one side, 40 on the other");
    assertThat(judge.againstBest(List.of(), List.of(adapter)).get(0))
        .isInstanceOf(Verdict.NotComparable.class);
  }

  @Test
  void pIsAdjustedForAllTasksLookedAt() {
    Side base = orders(TinyResults.ofBase("m", 0).right(0.1, 0.5, 1));
    Side general = side(TinyResults.ofBase("m", 0).right(0.1, 0.5, 1), "general");
    TinyResults adapter = TinyResults.ofAdapter("m", "a").right(0.9, 0.5, 2);
    List<Verdict> both =
        judge.againstBest(
            List.of(base, general), List.of(orders(adapter), side(adapter, "general")));
    Comparison first = both.get(0).comparison().orElseThrow();
    assertThat(first.adjustedP()).isCloseTo(2 * first.p(), within(1e-12));
  }

  @Test
  void gradedScoresAreComparedByPermutation() {
    Side base = orders(TinyResults.ofBase("m", 0).right(0.1, 0.5, 1));
    Side adapter = orders(TinyResults.ofAdapter("m", "a").right(0.9, 0.5, 2));
    Comparison by = Pairing.compare(base, adapter, "json_field_f1,none", Policy.BOARD);
    assertThat(by.pairs()).isEmpty();
    assertThat(by.test()).isEqualTo("sign-flip permutation");
    assertThat(judge.judge(List.of(by)).get(0)).isInstanceOf(Verdict.Improved.class);
  }

  @Test
  void undefinedMetricHasNoIntervalAndSaysWhy() {
    Side base = orders(TinyResults.ofBase("m", 0));
    var undefined =
        new dev.whetstone.leaderboard.entry.Metric(
            "x,none", java.util.OptionalDouble.empty(), java.util.OptionalDouble.empty(), true);
    Estimate estimate = Estimate.of(base.result(), undefined, 0.95);
    assertThat(estimate.interval()).isEmpty();
    assertThat(estimate.method()).contains("undefined");
  }
}
