package dev.whetstone.leaderboard.verdict;

import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.statistics.Corrections;
import dev.whetstone.statistics.Interval;
import dev.whetstone.statistics.PairCounts;
import dev.whetstone.statistics.Power;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Turns comparisons into verdicts. */
public final class Judge {
  private final Policy policy;

  public Judge(Policy policy) {
    this.policy = policy;
  }

  /**
   * A verdict for each candidate, in order, against the base model's best comparable result of the
   * same task. All candidates are looked at together: Holm's correction is over them.
   *
   * @param base every result of the base model
   */
  public List<Verdict> againstBest(List<Side> base, List<Side> candidates) {
    var verdicts = new ArrayList<Verdict>();
    var comparisons = new ArrayList<Comparison>();
    for (Side candidate : candidates) {
      List<Side> sameTask =
          base.stream()
              .filter(side -> side.result().task().equals(candidate.result().task()))
              .toList();
      Optional<Side> best = best(sameTask, candidate.result());
      if (best.isPresent()) {
        comparisons.add(
            Pairing.compare(best.get(), candidate, candidate.result().primary(), policy));
        verdicts.add(null); // its p waits for those of the others
      } else {
        verdicts.add(new Verdict.NotComparable(reason(sameTask, candidate.result())));
      }
    }
    List<Verdict> judged = judge(comparisons);
    int next = 0;
    for (int i = 0; i < verdicts.size(); i++) {
      if (verdicts.get(i) == null) {
        verdicts.set(i, judged.get(next++));
      }
    }
    return verdicts;
  }

  /**
   * A verdict for each of {@code results}, which are of {@code candidate}, in their order, against
   * the same task of {@code baseline}, whichever models these are of. Holm's correction is over all
   * that can be compared.
   */
  public Map<String, Verdict> byTask(
      Entry baseline, Entry candidate, Collection<TaskResult> results) {
    var obstacles = new LinkedHashMap<String, Optional<String>>();
    var comparisons = new ArrayList<Comparison>();
    for (TaskResult result : results) {
      Optional<TaskResult> other =
          baseline.tasks().stream().filter(of -> of.task().equals(result.task())).findFirst();
      Optional<String> obstacle =
          other.isEmpty()
              ? Optional.of("the baseline has no result of this task")
              : Pairing.obstacle(other.get(), result, result.primary());
      obstacles.put(result.task(), obstacle);
      if (obstacle.isEmpty()) {
        comparisons.add(
            Pairing.compare(
                new Side(baseline, other.get()),
                new Side(candidate, result),
                result.primary(),
                policy));
      }
    }
    Iterator<Verdict> judged = judge(comparisons).iterator();
    var verdicts = new LinkedHashMap<String, Verdict>();
    obstacles.forEach(
        (task, obstacle) ->
            verdicts.put(
                task,
                obstacle.isPresent() ? new Verdict.NotComparable(obstacle.get()) : judged.next()));
    return verdicts;
  }

  /** Verdicts of comparisons that were made together; Holm's correction is over them. */
  public List<Verdict> judge(List<Comparison> comparisons) {
    double[] adjusted = Corrections.holm(comparisons.stream().mapToDouble(Comparison::p).toArray());
    var verdicts = new ArrayList<Verdict>();
    for (int i = 0; i < adjusted.length; i++) {
      verdicts.add(verdict(comparisons.get(i).withAdjusted(adjusted[i])));
    }
    return verdicts;
  }

  private Verdict verdict(Comparison comparison) {
    Optional<Interval> interval = comparison.difference().interval();
    boolean excludesZero = interval.map(i -> !i.contains(0)).orElse(false);
    if (excludesZero && comparison.adjustedP() < policy.alpha()) {
      return comparison.gain() > 0
          ? new Verdict.Improved(comparison)
          : new Verdict.Regressed(comparison);
    }
    boolean within =
        interval
            .map(i -> i.low() > -policy.tolerance() && i.high() < policy.tolerance())
            .orElse(false);
    if (within) {
      return new Verdict.Unchanged(comparison, policy.tolerance());
    }
    return new Verdict.NotEnoughEvidence(comparison, smallestEffect(comparison));
  }

  private OptionalDouble smallestEffect(Comparison comparison) {
    if (comparison.pairs().isPresent()) {
      PairCounts pairs = comparison.pairs().get();
      // Without discordant pairs their share is not known to be 0: one is the least that can be.
      double psi = (double) Math.max(1, pairs.discordant()) / pairs.n();
      return Power.minimumDetectableEffect(pairs.n(), psi, policy.alpha(), policy.power());
    }
    OptionalDouble error = comparison.difference().standardError();
    return error.isPresent() && error.getAsDouble() > 0
        ? OptionalDouble.of(
            Power.minimumDetectableMean(error.getAsDouble(), policy.alpha(), policy.power()))
        : OptionalDouble.empty();
  }

  private static Optional<Side> best(List<Side> base, TaskResult candidate) {
    String metric = candidate.primary();
    boolean higher = candidate.primaryMetric().higherIsBetter();
    Comparator<Side> byValue = Comparator.comparingDouble(side -> value(side, metric));
    return base.stream()
        .filter(side -> Pairing.obstacle(side.result(), candidate, metric).isEmpty())
        .filter(side -> !Double.isNaN(value(side, metric)))
        .max(higher ? byValue : byValue.reversed());
  }

  private static double value(Side side, String metric) {
    return side.result()
        .metric(metric)
        .map(found -> found.value().orElse(Double.NaN))
        .orElse(Double.NaN);
  }

  private static String reason(List<Side> base, TaskResult candidate) {
    if (base.isEmpty()) {
      return "the base model has no result of this task; evaluate it without the adapter";
    }
    return Pairing.obstacle(base.get(0).result(), candidate, candidate.primary())
        .orElse("the base model's score is undefined");
  }
}
