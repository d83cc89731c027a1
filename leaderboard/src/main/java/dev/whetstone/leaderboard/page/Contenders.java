package dev.whetstone.leaderboard.page;

import dev.whetstone.leaderboard.entry.Contender;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.leaderboard.verdict.Judge;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.verdict.Side;
import dev.whetstone.leaderboard.verdict.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The board's entries by contender, judged.
 *
 * @param contender who
 * @param name the newest entry's
 * @param entries in the order in which they were added
 * @param sides the newest result of each task and prompt
 * @param verdicts of {@code sides}, in their order; none for a base model
 */
record Contenders(
    Contender contender,
    String name,
    List<Entry> entries,
    List<Side> sides,
    List<Verdict> verdicts) {
  Contenders {
    entries = List.copyOf(entries);
    sides = List.copyOf(sides);
    verdicts = List.copyOf(verdicts);
  }

  /** All contenders: each base model, then its adapters. */
  static List<Contenders> of(List<Entry> entries, Policy policy) {
    var byContender = new LinkedHashMap<List<String>, List<Entry>>();
    for (Entry entry : entries) {
      Contender who = entry.model();
      byContender
          .computeIfAbsent(List.of(who.base(), who.adapter()), key -> new ArrayList<>())
          .add(entry);
    }
    var contenders = new ArrayList<Contenders>();
    var judge = new Judge(policy);
    for (List<Entry> own : byContender.values()) {
      Contender who = own.get(0).model();
      List<Side> sides = newest(own);
      List<Verdict> verdicts = List.of();
      if (!who.isBase()) {
        List<Entry> base = byContender.getOrDefault(List.of(who.base(), ""), List.of());
        verdicts = judge.againstBest(newest(base), sides);
      }
      contenders.add(new Contenders(who, own.get(own.size() - 1).name(), own, sides, verdicts));
    }
    return contenders;
  }

  /**
   * A later result of the same task, version, prompt and number of documents replaces the earlier.
   */
  private static List<Side> newest(Collection<Entry> entries) {
    Map<List<Object>, Side> newest = new LinkedHashMap<>();
    for (Entry entry : entries) {
      for (TaskResult result : entry.tasks()) {
        newest.put(
            List.of(
                result.task(),
                result.version(),
                result.shots(),
                entry.chatTemplate(),
                result.samples().size()),
            new Side(entry, result));
      }
    }
    return List.copyOf(newest.values());
  }

  /** The best side of a task, by its primary metric. */
  Optional<Side> best(String task) {
    Side best = null;
    for (Side side : sides) {
      if (side.result().task().equals(task) && (best == null || isBetter(side, best))) {
        best = side;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Empty for a base model, and for a result that a newer one replaced. */
  Optional<Verdict> verdict(Side side) {
    for (int i = 0; i < verdicts.size(); i++) {
      Side judged = sides.get(i);
      if (judged.entry().key().equals(side.entry().key())
          && judged.result().task().equals(side.result().task())) {
        return Optional.of(verdicts.get(i));
      }
    }
    return Optional.empty();
  }

  private static boolean isBetter(Side one, Side other) {
    boolean higher = one.result().primaryMetric().higherIsBetter();
    double worst = higher ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    double mine = one.result().primaryMetric().value().orElse(worst);
    double its = other.result().primaryMetric().value().orElse(worst);
    return higher ? mine > its : mine < its;
  }
}
