package dev.whetstone.leaderboard.page;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.leaderboard.page.Views.Badge;
import dev.whetstone.leaderboard.page.Views.Board;
import dev.whetstone.leaderboard.page.Views.Column;
import dev.whetstone.leaderboard.page.Views.Fact;
import dev.whetstone.leaderboard.page.Views.Headline;
import dev.whetstone.leaderboard.page.Views.Link;
import dev.whetstone.leaderboard.page.Views.Model;
import dev.whetstone.leaderboard.page.Views.Result;
import dev.whetstone.leaderboard.page.Views.Row;
import dev.whetstone.leaderboard.page.Views.Score;
import dev.whetstone.leaderboard.verdict.Estimate;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.verdict.Side;
import dev.whetstone.leaderboard.verdict.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Judged contenders as views. */
final class BoardViews {
  private static final Map<Class<? extends Verdict>, String> KINDS =
      Map.of(
          Verdict.Improved.class, "improved",
          Verdict.Regressed.class, "regressed",
          Verdict.Unchanged.class, "unchanged",
          Verdict.NotEnoughEvidence.class, "unclear",
          Verdict.NotComparable.class, "unclear");

  private final List<Contenders> contenders;
  private final Policy policy;
  private final Instant made;
  private final Map<String, Scale> scales;

  BoardViews(List<Contenders> contenders, Policy policy, Instant made) {
    this.contenders = List.copyOf(contenders);
    this.policy = policy;
    this.made = made;
    this.scales = scales(contenders, policy);
  }

  /** What the error bars of one task's metric are drawn on, so that rows can be compared by eye. */
  private record Scale(double from, double to) {
    Scale with(Estimate estimate) {
      double low = estimate.interval().map(i -> i.low()).orElse(estimate.value().orElse(from));
      double high = estimate.interval().map(i -> i.high()).orElse(estimate.value().orElse(to));
      return new Scale(Math.min(from, low), Math.max(to, high));
    }
  }

  private static Map<String, Scale> scales(List<Contenders> contenders, Policy policy) {
    var scales = new TreeMap<String, Scale>();
    for (Contenders who : contenders) {
      for (Side side : who.sides()) {
        for (Metric metric : side.result().metrics()) {
          Estimate estimate = Estimate.of(side.result(), metric, policy.confidence());
          String key = side.result().task() + "\n" + metric.key();
          scales.merge(key, new Scale(0, 1).with(estimate), (a, b) -> a.with(estimate));
        }
      }
    }
    return scales;
  }

  Board board() {
    var columns = new LinkedHashMap<String, Column>();
    for (Contenders who : contenders) {
      for (Side side : who.sides()) {
        columns.putIfAbsent(side.result().task(), column(side.result()));
      }
    }
    var headlines = new ArrayList<Headline>();
    contenders.forEach(who -> headlines.addAll(headlines(who)));
    return new Board(
        List.copyOf(columns.values()),
        contenders.stream().map(who -> row(who, columns)).toList(),
        headlines,
        summary(columns.size()),
        day(made.toString()));
  }

  private String summary(int tasks) {
    long adapters = contenders.stream().filter(who -> !who.contender().isBase()).count();
    return "%s, %s, %s"
        .formatted(
            plural(contenders.size() - adapters, "base model"),
            plural(adapters, "adapter"),
            plural(tasks, "task"));
  }

  private static String plural(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private static Column column(TaskResult result) {
    Metric metric = result.primaryMetric();
    boolean share = metric.value().stream().allMatch(Numbers::isShare);
    return new Column(
        result.task(),
        Sentences.metric(metric.key()),
        (share ? "points of 100" : "raw value")
            + (metric.higherIsBetter() ? ", higher is better" : ", lower is better"),
        metric.higherIsBetter() ? "descending" : "ascending");
  }

  private Row row(Contenders who, Map<String, Column> columns) {
    var scores = new ArrayList<Score>();
    for (String task : columns.keySet()) {
      scores.add(
          who.best(task)
              .map(side -> score(side, side.result().primaryMetric(), who.verdict(side)))
              .orElseGet(() -> missing(task, "not evaluated on " + task)));
    }
    Map<String, String> run = facts(who, "run");
    double seconds = who.entries().stream().mapToDouble(Entry::seconds).sum();
    return new Row(
        who.name(),
        kind(who),
        about(who),
        Addresses.model(who),
        scores,
        number("tokens trained", first(run, "trained_tokens", "trainedTokens", "tokens"), false),
        number("training time", first(run, "seconds", "train_seconds", "trainSeconds"), true),
        new Fact("evaluation time", Numbers.duration(seconds), Double.toString(seconds)));
  }

  private static String kind(Contenders who) {
    return who.contender().isBase() ? "base" : "adapter";
  }

  private static String about(Contenders who) {
    return who.contender().isBase() ? "base model" : "adapter of " + who.contender().baseName();
  }

  private static Map<String, String> facts(Contenders who, String kind) {
    List<Ancestor> lineage = who.entries().get(who.entries().size() - 1).lineage();
    var facts = new TreeMap<String, String>();
    lineage.stream()
        .filter(
            link ->
                link.kind().equals(kind) || (kind.equals("run") && link.kind().equals("adapter")))
        .forEach(link -> facts.putAll(link.facts()));
    return facts;
  }

  private static String first(Map<String, String> facts, String... names) {
    for (String name : names) {
      if (facts.containsKey(name)) {
        return facts.get(name);
      }
    }
    return "";
  }

  private static Fact number(String name, String text, boolean isSeconds) {
    if (!text.matches("\\d{1,15}(\\.\\d+)?")) {
      return new Fact(name, Numbers.NONE, "");
    }
    double value = Double.parseDouble(text);
    return new Fact(
        name, isSeconds ? Numbers.duration(value) : Numbers.count(Math.round(value)), text);
  }

  private static Score missing(String task, String reason) {
    return new Score(
        task, "", Numbers.NONE, "", "", Optional.empty(), "", "", "", reason, "", Optional.empty());
  }

  private Score score(Side side, Metric metric, Optional<Verdict> verdict) {
    TaskResult result = side.result();
    Estimate estimate = Estimate.of(result, metric, policy.confidence());
    boolean share = estimate.value().stream().allMatch(Numbers::isShare);
    Scale scale = scales.getOrDefault(result.task() + "\n" + metric.key(), new Scale(0, 1));
    boolean defined = estimate.value().isPresent();
    return new Score(
        result.task(),
        Sentences.metric(metric.key()),
        defined ? Numbers.value(estimate.value().getAsDouble(), share) : Numbers.NONE,
        defined ? Double.toString(estimate.value().getAsDouble()) : "",
        estimate.interval().map(i -> Numbers.interval(i, share)).orElse(Numbers.NONE),
        ErrorBar.of(estimate, scale.from(), scale.to()),
        result.shots() + "-shot",
        Numbers.count(estimate.n()),
        "%s interval: %s".formatted(Numbers.percent(policy.confidence()), estimate.method()),
        defined ? "" : estimate.method(),
        Addresses.result(side.entry()),
        verdict.map(v -> badge(side, v)));
  }

  Badge badge(Side side, Verdict verdict) {
    return new Badge(
        verdict.label(),
        KINDS.get(verdict.getClass()),
        Sentences.of(verdict, hasSeveralPrompts(side), policy),
        verdict.comparison().isPresent() ? Addresses.samples(side, 1) : "");
  }

  /** Whether the base model was tried with more than one prompt on this task. */
  private boolean hasSeveralPrompts(Side side) {
    return contenders.stream()
            .filter(who -> who.contender().isBase())
            .filter(who -> who.contender().base().equals(side.entry().model().base()))
            .flatMap(who -> who.sides().stream())
            .filter(base -> base.result().task().equals(side.result().task()))
            .count()
        > 1;
  }

  private List<Headline> headlines(Contenders who) {
    var headlines = new ArrayList<Headline>();
    for (int i = 0; i < who.verdicts().size(); i++) {
      Side side = who.sides().get(i);
      headlines.add(
          new Headline(
              who.name(),
              Addresses.model(who),
              side.result().task(),
              badge(side, who.verdicts().get(i))));
    }
    // What is clear comes first; the order of tasks stays within.
    headlines.sort(Comparator.comparing(headline -> headline.badge().kind().equals("unclear")));
    return headlines;
  }

  Model model(Contenders who) {
    var scores = new ArrayList<Score>();
    for (Side side : who.sides()) {
      for (Metric metric : side.result().metrics()) {
        boolean primary = metric.key().equals(side.result().primary());
        scores.add(score(side, metric, primary ? who.verdict(side) : Optional.empty()));
      }
    }
    Entry newest = who.entries().get(who.entries().size() - 1);
    return new Model(
        who.name(),
        about(who),
        headlines(who),
        scores,
        LineageSteps.of(newest.lineage()),
        who.entries().stream()
            .map(
                entry ->
                    new Link(
                        String.join(
                            ", ", entry.tasks().stream().map(BoardViews::taskName).toList()),
                        day(entry.evaluated()) + ", " + Numbers.duration(entry.seconds()),
                        Addresses.result(entry)))
            .toList());
  }

  private static String taskName(TaskResult result) {
    return "%s (%d-shot)".formatted(result.task(), result.shots());
  }

  Result result(Contenders who, Entry entry) {
    var scores = new ArrayList<Score>();
    var facts = new ArrayList<Fact>();
    facts.add(Fact.of("evaluated", entry.evaluated()));
    facts.add(Fact.of("duration", Numbers.duration(entry.seconds())));
    facts.add(Fact.of("content hash", entry.content()));
    facts.add(Fact.of("base model", entry.model().baseName()));
    facts.add(Fact.of("base model’s identity", entry.model().base()));
    if (!entry.model().isBase()) {
      facts.add(Fact.of("adapter’s identity", entry.model().adapter()));
    }
    facts.add(
        Fact.of(
            "chat template",
            entry.chatTemplate().isEmpty() ? "none applied" : entry.chatTemplate()));
    var configs = new ArrayList<Link>();
    for (TaskResult result : entry.tasks()) {
      Side side = new Side(entry, result);
      for (Metric metric : result.metrics()) {
        boolean primary = metric.key().equals(result.primary());
        scores.add(score(side, metric, primary ? who.verdict(side) : Optional.empty()));
      }
      if (!result.taskHash().isEmpty()) {
        facts.add(Fact.of(result.task() + " task hash", result.taskHash()));
      }
      configs.add(new Link(result.task(), Json.pretty(result.config()).strip(), ""));
    }
    var versions = new ArrayList<Fact>();
    entry.versions().forEach((name, version) -> versions.add(Fact.of(name, version)));
    return new Result(
        entry.name(),
        Addresses.model(who),
        about(who),
        scores,
        facts,
        versions,
        command(entry),
        Json.pretty(entry.recipe()).strip(),
        configs);
  }

  /** The command with names for folders; options that the result does not tell are left out. */
  private static String command(Entry entry) {
    List<Integer> shots = entry.tasks().stream().map(TaskResult::shots).distinct().toList();
    JsonNode limit = entry.recipe().path("limit");
    return "./whetstone eval --model %s%s --tasks %s%s%s%s --out RESULT"
        .formatted(
            shell(entry.model().baseName()),
            entry.model().isBase() ? "" : " --adapter " + shell(entry.name()),
            shell(String.join(",", entry.tasks().stream().map(TaskResult::task).toList())),
            shots.size() == 1 ? " --num-fewshot " + shots.get(0) : "",
            limit.isIntegralNumber() ? " --limit " + limit.asLong() : "",
            entry.chatTemplate().isEmpty() ? "" : " --apply-chat-template");
  }

  private static String shell(String text) {
    return text.matches("[\\w./:,@+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  private static String day(String instant) {
    return instant.replaceFirst("T(\\d\\d:\\d\\d).*", " $1 UTC");
  }
}
