package dev.whetstone.leaderboard.page;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.Publishing;
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
import dev.whetstone.leaderboard.verdict.Comparison;
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

  private static final Scale NO_SCALE =
      new Scale(0, 1, 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

  private final List<Contenders> contenders;
  private final Policy policy;
  private final Instant made;
  private final Map<String, Scale> scales;
  private final double reach;

  BoardViews(List<Contenders> contenders, Policy policy, Instant made) {
    this.contenders = List.copyOf(contenders);
    this.policy = policy;
    this.made = made;
    this.scales = scales(contenders, policy);
    this.reach = reach(contenders);
  }

  /**
   * What the error bars of one task's metric are drawn on, so that rows can be compared by eye.
   *
   * @param count of the values on it
   * @param least of the values
   * @param most of the values
   */
  private record Scale(double from, double to, int count, double least, double most) {
    static Scale of(Estimate estimate) {
      return NO_SCALE.with(estimate);
    }

    Scale with(Estimate estimate) {
      if (estimate.value().isEmpty()) {
        return this;
      }
      double value = estimate.value().getAsDouble();
      double low = estimate.interval().map(i -> i.low()).orElse(value);
      double high = estimate.interval().map(i -> i.high()).orElse(value);
      return new Scale(
          Math.min(from, low),
          Math.max(to, high),
          count + 1,
          Math.min(least, value),
          Math.max(most, value));
    }
  }

  private static Map<String, Scale> scales(List<Contenders> contenders, Policy policy) {
    var scales = new TreeMap<String, Scale>();
    for (Contenders who : contenders) {
      for (Side side : who.sides()) {
        for (Metric metric : side.result().metrics()) {
          Estimate estimate = Estimate.of(side.result(), metric, policy.confidence());
          scales.compute(
              key(side.result(), metric),
              (key, scale) -> scale == null ? Scale.of(estimate) : scale.with(estimate));
        }
      }
    }
    return scales;
  }

  private static String key(TaskResult result, Metric metric) {
    return result.task() + "\n" + metric.key();
  }

  /** How far the farthest difference of shares reaches from 0, its interval included. */
  private static double reach(List<Contenders> contenders) {
    return contenders.stream()
        .flatMap(who -> who.verdicts().stream())
        .flatMap(verdict -> verdict.comparison().stream())
        .filter(Sentences::share)
        .mapToDouble(BoardViews::reach)
        .max()
        .orElse(0);
  }

  /** {@code scheduled}: whether the site has a page of scheduled evaluations. */
  Board board(boolean scheduled) {
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
        day(made.toString()),
        scheduled);
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
        task,
        "",
        Numbers.NONE,
        false,
        "",
        "",
        Optional.empty(),
        "",
        "",
        "",
        reason,
        "",
        Optional.empty(),
        Optional.empty());
  }

  private Score score(Side side, Metric metric, Optional<Verdict> verdict) {
    TaskResult result = side.result();
    Estimate estimate = Estimate.of(result, metric, policy.confidence());
    boolean share = estimate.value().stream().allMatch(Numbers::isShare);
    Scale scale = scales.getOrDefault(key(result, metric), Scale.of(estimate));
    boolean defined = estimate.value().isPresent();
    return new Score(
        result.task(),
        Sentences.metric(metric.key()),
        defined ? Numbers.value(estimate.value().getAsDouble(), share) : Numbers.NONE,
        defined && isBest(result, metric, estimate.value().getAsDouble()),
        defined ? Double.toString(estimate.value().getAsDouble()) : "",
        estimate.interval().map(i -> Numbers.interval(i, share)).orElse(Numbers.NONE),
        ErrorBar.of(estimate, scale.from(), scale.to()),
        result.shots() + "-shot",
        Numbers.count(estimate.n()),
        "%s interval: %s".formatted(Numbers.percent(policy.confidence()), estimate.method()),
        defined ? "" : estimate.method(),
        Addresses.result(side.entry()),
        verdict.map(v -> badge(side, v)),
        ExposureText.of(result, metric, share, policy.confidence()));
  }

  private boolean isBest(TaskResult result, Metric metric, double value) {
    Scale scale = scales.getOrDefault(key(result, metric), NO_SCALE);
    return scale.count() > 1 && value == (metric.higherIsBetter() ? scale.most() : scale.least());
  }

  Badge badge(Side side, Verdict verdict) {
    return new Badge(
        verdict.label(),
        KINDS.get(verdict.getClass()),
        Sentences.of(verdict, hasSeveralPrompts(side), policy),
        verdict.comparison().filter(by -> SampleViews.files(by) > 0).isPresent()
            ? Addresses.samples(side, 1)
            : "");
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
      headlines.add(headline(who, who.sides().get(i), who.verdicts().get(i)));
    }
    // What is clear comes first; the order of tasks stays within.
    headlines.sort(Comparator.comparing(headline -> headline.badge().kind().equals("unclear")));
    return headlines;
  }

  private Headline headline(Contenders who, Side side, Verdict verdict) {
    Badge badge = badge(side, verdict);
    Optional<Comparison> by = verdict.comparison();
    String gain = by.map(Sentences::difference).orElse("");
    return new Headline(
        who.name(),
        Addresses.model(who),
        side.result().task(),
        badge,
        gain,
        badge.unbroken().substring(gain.length()).strip(),
        by.flatMap(this::bar),
        by.map(Comparison::higherIsBetter).orElse(true));
  }

  /**
   * Shares are drawn on one scale, so that verdicts can be compared by eye; others on their own.
   */
  private Optional<ErrorBar> bar(Comparison by) {
    return ErrorBar.of(by.difference(), Sentences.share(by) ? reach : reach(by));
  }

  private static double reach(Comparison by) {
    double value = Math.abs(by.difference().value());
    return by.difference()
        .interval()
        .map(i -> Math.max(value, Math.max(Math.abs(i.low()), Math.abs(i.high()))))
        .orElse(value);
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
    facts.add(Fact.of("evaluated", day(entry.evaluated())));
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
      facts.add(Fact.of(result.task() + " publishes", published(result.publishing())));
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

  private static String published(Publishing publishing) {
    return publishing.answers() == publishing.documents()
        ? publishing.documents().key()
        : "%s, of answers %s".formatted(publishing.documents().key(), publishing.answers().key());
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
            limit.asLong() > 0 ? " --limit " + limit.asLong() : "",
            entry.chatTemplate().isEmpty() ? "" : " --apply-chat-template");
  }

  static String shell(String text) {
    return text.matches("[\\w./:,@+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  private static String day(String instant) {
    return instant.replaceFirst("T(\\d\\d:\\d\\d).*", " $1 UTC");
  }
}
