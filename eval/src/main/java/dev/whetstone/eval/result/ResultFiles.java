package dev.whetstone.eval.result;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.result.TokenLogProbs;
import dev.whetstone.eval.answer.Answer;
import dev.whetstone.eval.python.PythonJson;
import dev.whetstone.eval.python.PythonText;
import dev.whetstone.statistics.Mean;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Writes {@code results_<date>.json}, {@code samples_<task>_<date>.jsonl} and {@code samples.arrow}
 * as {@code lm_eval/loggers/evaluation_tracker.py} lays the first two out.
 */
public final class ResultFiles {
  /** The lm-eval whose files these are like. */
  private static final String FORMAT_OF = "0.4.13";

  private ResultFiles() {}

  /** Replaces what an earlier, unfinished attempt left. */
  public static void write(
      Path folder, List<TaskResult> results, RunDescription run, double seconds) {
    deleteLeftovers(folder);
    TokenLogProbsWriter.write(folder.resolve(TokenLogProbs.FILE), results);
    for (TaskResult result : results) {
      var lines = new StringBuilder();
      result.rows().forEach(row -> lines.append(PythonJson.line(row)).append('\n'));
      ArtifactFolder.writeAtomically(
          folder.resolve("samples_%s_%s.jsonl".formatted(result.task().name(), run.fileDate())),
          lines.toString());
    }
    ArtifactFolder.writeAtomically(
        folder.resolve("results_%s.json".formatted(run.fileDate())),
        PythonJson.indented(document(results, run, seconds)));
  }

  private static void deleteLeftovers(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().matches("(results|samples)_.*\\.jsonl?(\\.tmp)?")) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }

  /** Content hash: rule {@code result/1}, then every answer of every task, in order. */
  public static String contentOf(List<TaskResult> results) {
    ContentHash hash = ContentHash.of("result/1").add(results.size());
    for (TaskResult result : results) {
      hash.add(result.task().name()).add(result.taskHash()).add(result.documents().size());
      for (List<Answer> answers : result.answers().documents()) {
        hash.add(answers.size());
        for (Answer answer : answers) {
          hash.add(answer.tokens().stream().mapToInt(Integer::intValue).toArray());
          hash.add(answer.logProbs().stream().mapToInt(Float::floatToIntBits).toArray());
          hash.add(answer.greedy() ? 1 : 0).add(answer.text());
        }
      }
    }
    return hash.finish();
  }

  static Map<String, Object> document(
      List<TaskResult> results, RunDescription run, double seconds) {
    var document = new LinkedHashMap<String, Object>();
    document.put("results", byTask(results, ResultFiles::scores));
    document.put("group_subtasks", Map.of());
    document.put("configs", sorted(results, r -> r.task().asWritten(r.numFewshot())));
    document.put("versions", sorted(results, r -> r.task().version()));
    document.put("n-shot", sorted(results, TaskResult::numFewshot));
    document.put("higher_is_better", sorted(results, ResultFiles::directions));
    document.put("n-samples", byTask(results, ResultFiles::counts));
    document.put("config", config(run));
    document.put("git_hash", run.versions().get("commit"));
    document.put("date", run.date());
    document.put(
        "pretty_env_info",
        "Java %s, %s".formatted(run.versions().get("java"), run.versions().get("os")));
    document.put("transformers_version", null);
    document.put("lm_eval_version", FORMAT_OF + " (the format; written by Whetstone)");
    document.put("upper_git_hash", null);
    document.putAll(run.tokenizer());
    document.put("max_length", run.maxLength());
    document.put("task_hashes", byTask(results, TaskResult::taskHash));
    document.put("model_source", "whetstone");
    document.put("model_name", run.modelName());
    // lm_eval/utils.py, sanitize_model_name.
    document.put(
        "model_name_sanitized", run.modelName().replaceAll("[\"<>:/|\\\\?*\\[\\]]+", "__"));
    boolean instructed = !run.systemInstruction().isEmpty();
    document.put("system_instruction", instructed ? run.systemInstruction() : null);
    document.put(
        "system_instruction_sha", instructed ? ContentHash.sha256(run.systemInstruction()) : null);
    document.put("fewshot_as_multiturn", run.fewshotAsMultiturn());
    document.put("chat_template", run.chatTemplate().orElse(null));
    document.put("chat_template_sha", run.chatTemplate().map(ContentHash::sha256).orElse(null));
    document.put("total_evaluation_time_seconds", PythonText.number(seconds));
    return document;
  }

  private static Map<String, Object> byTask(
      List<TaskResult> results, Function<TaskResult, Object> value) {
    var byTask = new LinkedHashMap<String, Object>();
    results.forEach(result -> byTask.put(result.task().name(), value.apply(result)));
    return byTask;
  }

  private static Map<String, Object> sorted(
      List<TaskResult> results, Function<TaskResult, Object> value) {
    return new TreeMap<>(byTask(results, value));
  }

  private static Map<String, Object> scores(TaskResult result) {
    var scores = new LinkedHashMap<String, Object>();
    scores.put("name", result.task().name());
    scores.put("alias", result.task().alias());
    scores.put("sample_len", result.documents().size());
    for (String key : byMetric(result)) {
      Mean mean = result.mean(key);
      scores.put(key, mean.value());
      int comma = key.indexOf(',');
      scores.put(
          key.substring(0, comma) + "_stderr" + key.substring(comma),
          mean.standardError().isPresent() ? (Object) mean.standardError().getAsDouble() : "N/A");
    }
    return scores;
  }

  /** Filter by filter, within it metric by metric, as the samples were scored. */
  private static List<String> byMetric(TaskResult result) {
    return new ArrayList<>(result.scores().keySet());
  }

  private static Map<String, Object> directions(TaskResult result) {
    var directions = new LinkedHashMap<String, Object>();
    for (String key : result.scores().keySet()) {
      String metric = key.substring(0, key.indexOf(','));
      boolean given =
          result.task().metrics().stream()
              .filter(entry -> entry.metric().equals(metric))
              .findFirst()
              .flatMap(entry -> entry.higherIsBetter())
              .orElse(true);
      directions.put(metric, given);
    }
    return directions;
  }

  private static Map<String, Object> counts(TaskResult result) {
    var counts = new LinkedHashMap<String, Object>();
    counts.put("original", result.benchmark().documents().size());
    counts.put("effective", result.documents().size());
    return counts;
  }

  private static Map<String, Object> config(RunDescription run) {
    var config = new LinkedHashMap<String, Object>();
    config.put("model", "whetstone");
    config.put("model_args", run.modelArgs());
    config.put("model_num_parameters", run.parameters());
    config.put("batch_size", null);
    config.put("batch_sizes", List.of());
    config.put("device", run.versions().get("device"));
    config.put("use_cache", null);
    config.put("limit", run.limit().orElse(null));
    config.put("bootstrap_iters", 0);
    config.put("gen_kwargs", null);
    config.put("random_seed", 0);
    config.put("numpy_seed", run.seed());
    config.put("torch_seed", run.seed());
    config.put("fewshot_seed", run.seed());
    return config;
  }
}
