package dev.whetstone.eval;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.result.ResultFolder;
import dev.whetstone.eval.answer.AnswerLog;
import dev.whetstone.eval.answer.Questioning;
import dev.whetstone.eval.answer.TaskAnswers;
import dev.whetstone.eval.metric.Metrics;
import dev.whetstone.eval.prompt.PromptStyle;
import dev.whetstone.eval.prompt.Prompts;
import dev.whetstone.eval.prompt.RenderedDocument;
import dev.whetstone.eval.result.ResultFiles;
import dev.whetstone.eval.result.RunDescription;
import dev.whetstone.eval.result.ScoreTable;
import dev.whetstone.eval.result.TaskResult;
import dev.whetstone.eval.task.Benchmark;
import dev.whetstone.eval.task.TaskFiles;
import dev.whetstone.models.engine.EngineVersions;
import dev.whetstone.models.engine.Hardware;
import dev.whetstone.models.engine.LanguageModel;
import dev.whetstone.models.engine.Numerics;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.Tokenizer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** One evaluation, step by step: what the commands {@code eval} and {@code run} do. */
final class EvaluationRun {
  /** Raised when answers or scores of the same work would change. */
  private static final int BEHAVIOUR_VERSION = 1;

  private final EvalConfig config;
  private final Candidate candidate;
  private final Path out;
  private final Clock clock;
  private final Instant started;

  EvaluationRun(EvalConfig config, Candidate candidate, Path out, Clock clock) {
    this.config = requireNonNull(config, "config is null");
    this.candidate = requireNonNull(candidate, "candidate is null");
    this.out = requireNonNull(out, "out is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.started = clock.instant();
  }

  /**
   * Runs it, unless the folder already holds this very work.
   *
   * @param overwrite whether a finished folder of other work may be replaced
   * @return the finished result folder
   */
  ResultFolder run(boolean overwrite) {
    List<Benchmark> benchmarks = benchmarks();
    Map<String, String> inputs = inputs(benchmarks);
    String id = StepId.of("eval", BEHAVIOUR_VERSION, config.settings(), inputs);
    Optional<ArtifactFolder> begun = ArtifactFolder.begin(out, ResultFolder.FORMAT, id, overwrite);
    if (begun.isEmpty()) {
      System.err.printf("%s: already holds this evaluation; nothing to do.%n", out);
      return ResultFolder.open(out);
    }
    try (ArtifactFolder folder = begun.get()) {
      evaluate(folder, benchmarks, inputs, id);
    }
    return ResultFolder.open(out);
  }

  private void evaluate(
      ArtifactFolder folder, List<Benchmark> benchmarks, Map<String, String> inputs, String id) {
    var log = new AnswerLog(out, id);
    var results = new ArrayList<TaskResult>();
    RunDescription description;
    try (LanguageModel model =
        candidate.open(config.tokenBudget(), Numerics.of(config.numerics()))) {
      PromptStyle style = style(model);
      for (Benchmark benchmark : benchmarks) {
        results.add(evaluate(benchmark, style, model, log));
      }
      description = describe(model);
    }
    ResultFiles.write(out, results, description, seconds());
    log.delete();
    folder.finish(manifest(id, inputs, results, description));
    System.err.println(ScoreTable.of(results));
  }

  /** All tasks are read and checked before the model is loaded: mistakes show at once. */
  private List<Benchmark> benchmarks() {
    Optional<Path> folder =
        config.includePath().isEmpty()
            ? Optional.empty()
            : Optional.of(Path.of(config.includePath()));
    var benchmarks = new ArrayList<Benchmark>();
    new TaskFiles(folder)
        .tasks(config.tasks())
        .forEach(
            task -> {
              var unused = Metrics.of(task);
              benchmarks.add(Benchmark.open(task));
            });
    return benchmarks;
  }

  private Map<String, String> inputs(List<Benchmark> benchmarks) {
    var inputs = new TreeMap<>(candidate.inputs());
    for (Benchmark benchmark : benchmarks) {
      inputs.put("tasks/" + benchmark.task().name(), benchmark.content());
    }
    return inputs;
  }

  private PromptStyle style(LanguageModel model) {
    Optional<ChatTemplate> template = Optional.empty();
    if (config.applyChatTemplate()) {
      template = model.chatTemplate();
      if (template.isEmpty()) {
        throw new BadInputException(
            "--apply-chat-template: the model has no chat template; leave the option out.");
      }
    }
    return new PromptStyle(
        config.numFewshot() < 0 ? Optional.empty() : Optional.of(config.numFewshot()),
        config.systemInstruction(),
        template,
        config.fewshotAsMultiturn(),
        config.seed());
  }

  private TaskResult evaluate(
      Benchmark benchmark, PromptStyle style, LanguageModel model, AnswerLog log) {
    String name = benchmark.task().name();
    int limit = config.limit() == 0 ? Integer.MAX_VALUE : config.limit();
    List<RenderedDocument> documents = new Prompts(benchmark, style).documents(limit);
    AnswerLog.OfTask known = log.of(name);
    if (known.size() > 0) {
      System.err.printf(
          "%s: %d answers are there from before the interruption, not asked again.%n",
          name, known.size());
    }
    TaskAnswers answers =
        new Questioning(model, config.seed()).ask(benchmark.task(), documents, known);
    return TaskResult.of(
        benchmark, Prompts.numFewshot(benchmark.task(), style), documents, answers);
  }

  private RunDescription describe(LanguageModel model) {
    Map<String, String> arguments = candidate.modelArgs();
    Tokenizer tokenizer = model.tokenizer();
    var tokens = new LinkedHashMap<String, Object>();
    tokens.put("tokenizer_pad_token", token(tokenizer, tokenizer.pad()));
    tokens.put("tokenizer_eos_token", token(tokenizer, tokenizer.eos()));
    tokens.put("tokenizer_bos_token", token(tokenizer, tokenizer.bos()));
    tokens.put("eot_token_id", tokenizer.eos().isPresent() ? tokenizer.eos().getAsInt() : null);
    return new RunDescription(
        arguments.getOrDefault("peft", arguments.get("pretrained")),
        arguments,
        candidate.parameters(),
        config.systemInstruction(),
        config.applyChatTemplate() ? candidate.chatTemplate() : Optional.empty(),
        config.fewshotAsMultiturn(),
        config.limit() == 0 ? Optional.empty() : Optional.of(config.limit()),
        config.seed(),
        tokens,
        model.maxLength(),
        started.toEpochMilli() / 1e3,
        LocalDateTime.ofInstant(started, clock.getZone()).toString().replace(':', '-'),
        Versions.current(EngineVersions.of(Hardware.CPU)));
  }

  private static List<Object> token(Tokenizer tokenizer, OptionalInt token) {
    var named = new ArrayList<Object>();
    named.add(token.isPresent() ? tokenizer.tokenText(token.getAsInt()) : null);
    named.add(token.isPresent() ? Integer.toString(token.getAsInt()) : "None");
    return named;
  }

  private double seconds() {
    return Math.max(0, clock.millis() - started.toEpochMilli()) / 1e3;
  }

  private Manifest manifest(
      String id, Map<String, String> inputs, List<TaskResult> results, RunDescription description) {
    return new Manifest(
        ResultFolder.FORMAT,
        id,
        ResultFiles.contentOf(results),
        inputs,
        Json.mapper().valueToTree(config),
        Json.mapper().valueToTree(counts(results, description)),
        Map.of("fewshot", config.seed()),
        description.versions(),
        candidate.lineage(),
        started.toString(),
        seconds());
  }

  private Map<String, Object> counts(List<TaskResult> results, RunDescription description) {
    var tasks = new LinkedHashMap<String, Object>();
    results.forEach(result -> tasks.put(result.task().name(), counts(result)));
    long tokens = results.stream().mapToLong(result -> tokens(result.answers())).sum();
    double requestSeconds =
        results.stream().mapToDouble(result -> result.answers().requestSeconds()).sum();
    var counts = new LinkedHashMap<String, Object>();
    counts.put("model", name("model"));
    counts.put("adapter", name("adapter"));
    counts.put("parameters", description.parameters());
    counts.put("chat_template", description.chatTemplate().isPresent());
    counts.put("documents", results.stream().mapToInt(r -> r.documents().size()).sum());
    counts.put("tokens", tokens);
    counts.put("request_seconds", requestSeconds);
    counts.put("tokens_per_second", requestSeconds > 0 ? tokens / requestSeconds : 0);
    counts.put("tasks", tasks);
    return counts;
  }

  /** Empty where the candidate has none. */
  private String name(String kind) {
    return Ancestor.newest(candidate.lineage(), kind).map(Ancestor::name).orElse("");
  }

  private static Map<String, Object> counts(TaskResult result) {
    var counts = new LinkedHashMap<String, Object>();
    counts.put("documents", result.documents().size());
    counts.put("scored", result.documents().size());
    counts.put("unscored", 0);
    counts.put("requests", result.answers().documents().stream().mapToInt(List::size).sum());
    counts.put("truncated", result.answers().truncated());
    counts.putAll(result.remarks());
    counts.put("shots", result.numFewshot());
    counts.put("tokens", tokens(result.answers()));
    counts.put("request_seconds", result.answers().requestSeconds());
    return counts;
  }

  /** Of prompts (shared ones counted each time) and answers. */
  private static long tokens(TaskAnswers answers) {
    return answers.promptTokens()
        + answers.documents().stream()
            .flatMap(List::stream)
            .mapToLong(answer -> answer.tokens().size())
            .sum();
  }
}
