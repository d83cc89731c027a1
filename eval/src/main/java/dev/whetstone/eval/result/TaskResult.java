package dev.whetstone.eval.result;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.eval.answer.Answer;
import dev.whetstone.eval.answer.TaskAnswers;
import dev.whetstone.eval.filter.Filters;
import dev.whetstone.eval.metric.Metric;
import dev.whetstone.eval.metric.Metrics;
import dev.whetstone.eval.metric.ScoredDocument;
import dev.whetstone.eval.prompt.RenderedDocument;
import dev.whetstone.eval.python.PythonJson;
import dev.whetstone.eval.python.PythonText;
import dev.whetstone.eval.task.Benchmark;
import dev.whetstone.eval.task.OutputType;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.eval.task.TaskConfig.FilterPipeline;
import dev.whetstone.statistics.Mean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A task's answers, filtered and scored.
 *
 * @param rows of the samples file: filter by filter, then document by document
 * @param scores of the documents by {@code metric,filter}
 * @param remarks how many documents got a remark, such as {@code unparsed}, by the remark
 */
public record TaskResult(
    Benchmark benchmark,
    int numFewshot,
    List<RenderedDocument> documents,
    TaskAnswers answers,
    List<Map<String, Object>> rows,
    Map<String, List<Number>> scores,
    Map<String, Integer> remarks) {

  /** Applies every filter pipeline and scores what comes out. */
  public static TaskResult of(
      Benchmark benchmark, int numFewshot, List<RenderedDocument> documents, TaskAnswers answers) {
    TaskConfig task = benchmark.task();
    Map<String, Metric> metrics = Metrics.of(task);
    var rows = new ArrayList<Map<String, Object>>();
    var scores = new LinkedHashMap<String, List<Number>>();
    var remarks = new TreeMap<String, Integer>();
    for (FilterPipeline pipeline : task.filters()) {
      Filters filters = Filters.of(task, pipeline);
      for (int i = 0; i < documents.size(); i++) {
        RenderedDocument document = documents.get(i);
        List<List<Object>> responses = responses(task, answers.documents().get(i));
        List<Object> filtered = responses.stream().map(filters::apply).toList();
        ScoredDocument scored = scored(task, document, filtered);
        var values = new LinkedHashMap<String, Number>();
        metrics.forEach((name, metric) -> values.put(name, metric.score(scored)));
        values.forEach(
            (name, value) ->
                scores
                    .computeIfAbsent(name + "," + pipeline.name(), key -> new ArrayList<>())
                    .add(value));
        metrics.values().stream()
            .map(metric -> metric.remark(scored))
            .flatMap(Optional::stream)
            .distinct()
            .forEach(remark -> remarks.merge(remark, 1, Integer::sum));
        rows.add(row(task, document, responses, filtered, pipeline.name(), values));
      }
    }
    return new TaskResult(benchmark, numFewshot, documents, answers, rows, scores, remarks);
  }

  public TaskResult {
    documents = List.copyOf(documents);
    rows = List.copyOf(rows);
    scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    remarks = Collections.unmodifiableMap(new TreeMap<>(remarks));
  }

  public TaskConfig task() {
    return benchmark.task();
  }

  /** Mean of a metric over the documents. */
  public Mean mean(String metricAndFilter) {
    return Mean.of(scores.get(metricAndFilter).stream().mapToDouble(Number::doubleValue).toArray());
  }

  /** By request and repeat: text, or log-likelihood and greediness. Greedy repeats are equal. */
  private static List<List<Object>> responses(TaskConfig task, List<Answer> answers) {
    var responses = new ArrayList<List<Object>>();
    for (Answer answer : answers) {
      Object response =
          task.outputType() == OutputType.GENERATE_UNTIL
              ? answer.text()
              : List.<Object>of(answer.logLikelihood(), answer.greedy());
      responses.add(Collections.nCopies(task.repeats(), response));
    }
    return responses;
  }

  private static ScoredDocument scored(
      TaskConfig task, RenderedDocument document, List<Object> filtered) {
    boolean generated = task.outputType() == OutputType.GENERATE_UNTIL;
    var sums = new ArrayList<Double>();
    var greedy = new ArrayList<Boolean>();
    if (!generated) {
      for (Object response : filtered) {
        List<?> pair = (List<?>) response;
        sums.add((Double) pair.get(0));
        greedy.add((Boolean) pair.get(1));
      }
    }
    boolean choicesAreContexts =
        !document.choices().isEmpty() && !(document.question() instanceof String);
    Object gold = choicesAreContexts ? document.question() : document.target();
    return new ScoredDocument(
        gold == null ? "None" : gold,
        document.choices(),
        sums,
        greedy,
        generated ? Optional.of(text(filtered.get(0))) : Optional.empty());
  }

  /** Without take_first a pipeline ends with a list; its first text is scored. */
  private static String text(Object filtered) {
    return filtered instanceof List<?> list
        ? PythonText.str(list.get(0))
        : PythonText.str(filtered);
  }

  /** lm_eval/evaluator.py and lm_eval/loggers/evaluation_tracker.py, save_results_samples. */
  private static Map<String, Object> row(
      TaskConfig task,
      RenderedDocument document,
      List<List<Object>> responses,
      List<Object> filtered,
      String pipeline,
      Map<String, Number> values) {
    String target = PythonText.str(document.target());
    var row = new LinkedHashMap<String, Object>();
    row.put("doc_id", document.docId());
    row.put("doc", document.document());
    row.put("target", target);
    row.put("arguments", arguments(task, document));
    row.put("resps", texts(responses));
    row.put("filtered_resps", texts(filtered));
    row.put("filter", pipeline);
    row.put("metrics", List.copyOf(values.keySet()));
    row.put("doc_hash", docHash(document.document()));
    row.put("prompt_hash", ContentHash.sha256(document.contexts().get(0)));
    row.put("target_hash", ContentHash.sha256(target));
    row.putAll(values);
    return row;
  }

  private static Map<String, Object> arguments(TaskConfig task, RenderedDocument document) {
    var arguments = new LinkedHashMap<String, Object>();
    for (int i = 0; i < document.contexts().size(); i++) {
      var one = new LinkedHashMap<String, Object>();
      one.put("arg_0", document.contexts().get(i));
      one.put(
          "arg_1",
          task.outputType() == OutputType.GENERATE_UNTIL
              ? task.generation()
              : document.continuations().get(i));
      arguments.put("gen_args_" + i, one);
    }
    return arguments;
  }

  /** Leaves become texts, as Python prints them. */
  private static Object texts(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(TaskResult::texts).toList()
        : PythonText.str(value);
  }

  /** Hash of a document as lm-eval logs it. */
  public static String docHash(Map<String, Object> document) {
    return ContentHash.sha256(PythonJson.indented(document));
  }

  /** lm-eval's hash of all rows: equal hashes mean equal documents, prompts and targets. */
  public String taskHash() {
    var joined = new StringBuilder();
    for (Map<String, Object> row : rows) {
      joined.append(row.get("doc_hash"));
      joined.append(row.get("prompt_hash"));
      joined.append(row.get("target_hash"));
    }
    return ContentHash.sha256(joined.toString());
  }
}
