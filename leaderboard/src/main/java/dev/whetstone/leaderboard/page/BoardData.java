package dev.whetstone.leaderboard.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.entry.Exposure;
import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.leaderboard.verdict.Comparison;
import dev.whetstone.leaderboard.verdict.Estimate;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.verdict.Side;
import dev.whetstone.leaderboard.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The board for programs: JSON and CSV (RFC 4180). What is undefined is null, or an empty cell. */
final class BoardData {
  static final String FORMAT = "whetstone.board/1";

  private static final String HEADER =
      "name,kind,base,task,version,metric,shots,documents,value,standard_error,low,high,verdict,difference,difference_low,difference_high,adjusted_p,result";

  private BoardData() {}

  static String json(List<Contenders> contenders, Policy policy, Instant made) {
    ObjectNode board = Json.mapper().createObjectNode();
    board.put("format", FORMAT);
    board.put("made", made.toString());
    board.set("policy", Json.mapper().valueToTree(policy));
    ArrayNode all = board.putArray("contenders");
    for (Contenders who : contenders) {
      ObjectNode node = all.addObject();
      node.put("name", who.name());
      node.put("kind", who.contender().isBase() ? "base" : "adapter");
      node.set("identity", Json.mapper().valueToTree(who.contender()));
      node.put("page", Addresses.model(who));
      ArrayNode results = node.putArray("results");
      for (Side side : who.sides()) {
        results.add(result(who, side, policy));
      }
    }
    return Json.pretty(board);
  }

  private static ObjectNode result(Contenders who, Side side, Policy policy) {
    ObjectNode node = Json.mapper().createObjectNode();
    node.put("task", side.result().task());
    node.put("version", side.result().version());
    node.put("task_hash", side.result().taskHash());
    node.put("shots", side.result().shots());
    node.put("chat_template", side.entry().chatTemplate());
    node.put("documents", side.result().samples().size());
    node.put("evaluated", side.entry().evaluated());
    node.put("content", side.entry().content());
    node.put("page", Addresses.result(side.entry()));
    node.put("primary_metric", side.result().primary());
    node.put("publish", side.result().publishing().documents().key());
    node.put("publish_answers", side.result().publishing().answers().key());
    if (side.result().count(Exposure.UNCHECKED) < side.result().samples().size()) {
      node.set("exposure", exposure(side.result()));
    }
    ArrayNode metrics = node.putArray("metrics");
    for (Metric metric : side.result().metrics()) {
      Estimate estimate = Estimate.of(side.result(), metric, policy.confidence());
      ObjectNode one = metrics.addObject();
      one.put("metric", metric.key());
      one.put("higher_is_better", metric.higherIsBetter());
      one.put("value", boxed(estimate.value().stream().boxed().findFirst()));
      one.put("standard_error", boxed(metric.standardError().stream().boxed().findFirst()));
      one.put("low", boxed(estimate.interval().map(i -> i.low())));
      one.put("high", boxed(estimate.interval().map(i -> i.high())));
      one.put("method", estimate.method());
      unseen(side.result(), metric, policy).ifPresent(clean -> one.set("unseen", clean));
    }
    who.verdict(side)
        .ifPresent(
            verdict -> {
              node.set("verdict", verdict(verdict, Sentences.of(verdict, true, policy)));
              verdict
                  .comparison()
                  .filter(by -> SampleViews.files(by) > 0)
                  .ifPresent(by -> node.put("samples", Addresses.samplesData(side)));
            });
    return node;
  }

  /** Documents that stood in the raw rows of the training set, and those that were trained on. */
  private static ObjectNode exposure(TaskResult result) {
    ObjectNode node = Json.mapper().createObjectNode();
    long trained = result.count(Exposure.TRAINED);
    node.put("found", result.count(Exposure.REMOVED) + trained);
    node.put("trained", trained);
    return node;
  }

  /** The metric of the documents that were not trained on. */
  private static Optional<ObjectNode> unseen(TaskResult result, Metric metric, Policy policy) {
    return Estimate.ofUnseen(result, metric, policy.confidence())
        .map(
            estimate -> {
              ObjectNode node = Json.mapper().createObjectNode();
              node.put("documents", estimate.n());
              node.put("value", boxed(estimate.value().stream().boxed().findFirst()));
              node.put("low", boxed(estimate.interval().map(i -> i.low())));
              node.put("high", boxed(estimate.interval().map(i -> i.high())));
              return node;
            });
  }

  /** A verdict and the numbers behind it. */
  static ObjectNode verdict(Verdict verdict, String sentence) {
    ObjectNode node = Json.mapper().createObjectNode();
    node.put("verdict", verdict.label());
    node.put("sentence", sentence);
    verdict.comparison().ifPresent(by -> node.set("comparison", comparison(by)));
    if (verdict instanceof Verdict.NotEnoughEvidence unclear) {
      node.put("smallest_effect", boxed(unclear.smallestEffect().stream().boxed().findFirst()));
    }
    return node;
  }

  private static ObjectNode comparison(Comparison by) {
    ObjectNode node = Json.mapper().createObjectNode();
    node.put("baseline", by.baseline().entry().name());
    node.put("baseline_shots", by.baseline().result().shots());
    node.put("candidate", by.candidate().entry().name());
    node.put("candidate_shots", by.candidate().result().shots());
    node.put("metric", by.metric());
    node.put("difference", by.difference().value());
    node.put("low", boxed(by.difference().interval().map(i -> i.low())));
    node.put("high", boxed(by.difference().interval().map(i -> i.high())));
    node.put("documents", by.difference().n());
    by.pairs().ifPresent(pairs -> node.set("pairs", Json.mapper().valueToTree(pairs)));
    node.put("test", by.test());
    node.put("p", by.p());
    node.put("adjusted_p", by.adjustedP());
    return node;
  }

  static String csv(List<Contenders> contenders, Policy policy) {
    var lines = new StringBuilder(HEADER).append("\r\n");
    for (Contenders who : contenders) {
      for (Side side : who.sides()) {
        for (Metric metric : side.result().metrics()) {
          lines.append(line(who, side, metric, policy)).append("\r\n");
        }
      }
    }
    return lines.toString();
  }

  private static String line(Contenders who, Side side, Metric metric, Policy policy) {
    Estimate estimate = Estimate.of(side.result(), metric, policy.confidence());
    Optional<Verdict> verdict =
        metric.key().equals(side.result().primary()) ? who.verdict(side) : Optional.empty();
    Optional<Comparison> by = verdict.flatMap(Verdict::comparison);
    return Stream.of(
            text(who.name()),
            who.contender().isBase() ? "base" : "adapter",
            text(who.contender().baseName()),
            text(side.result().task()),
            text(side.result().version()),
            text(metric.key()),
            Integer.toString(side.result().shots()),
            Integer.toString(side.result().samples().size()),
            number(estimate.value().stream().boxed().findFirst()),
            number(metric.standardError().stream().boxed().findFirst()),
            number(estimate.interval().map(i -> i.low())),
            number(estimate.interval().map(i -> i.high())),
            verdict.map(Verdict::label).orElse(""),
            number(by.map(b -> b.difference().value())),
            number(by.flatMap(b -> b.difference().interval()).map(i -> i.low())),
            number(by.flatMap(b -> b.difference().interval()).map(i -> i.high())),
            number(by.map(Comparison::adjustedP)),
            Addresses.result(side.entry()))
        .collect(Collectors.joining(","));
  }

  /** Quoted; a leading character that spreadsheets take for a formula is disarmed. */
  private static String text(String value) {
    boolean formula = !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0;
    return '"' + (formula ? "'" : "") + value.replace("\"", "\"\"") + '"';
  }

  private static String number(Optional<Double> value) {
    return value.map(v -> Double.toString(v)).orElse("");
  }

  private static Double boxed(Optional<Double> value) {
    return value.orElse(null);
  }
}
