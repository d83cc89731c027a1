package dev.whetstone.eval.task;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Publish;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * One task as its YAML file describes it, keys and defaults of lm-evaluation-harness 0.4.13 ({@code
 * lm_eval/config/task.py}).
 *
 * <p>What may be a column name, a template or a plain value stays an {@link Object}: text, number,
 * list or map.
 *
 * @param file the YAML file
 * @param values every key that the file or its includes set, in plain YAML values
 */
public record TaskConfig(
    Path file,
    String name,
    OutputType outputType,
    Map<String, Object> values,
    Fewshot fewshot,
    List<MetricEntry> metrics,
    List<FilterPipeline> filters) {

  /** Keys of a task, in the order in which lm-eval writes them back. */
  private static final List<String> KEYS =
      List.of(
          "task",
          "task_alias",
          "tag",
          "custom_dataset",
          "dataset_path",
          "dataset_name",
          "dataset_kwargs",
          "training_split",
          "validation_split",
          "test_split",
          "fewshot_split",
          "process_docs",
          "doc_to_text",
          "doc_to_target",
          "doc_to_image",
          "doc_to_audio",
          "unsafe_code",
          "doc_to_choice",
          "process_results",
          "use_prompt",
          "description",
          "target_delimiter",
          "fewshot_delimiter",
          "fewshot_config",
          "num_fewshot",
          "metric_list",
          "output_type",
          "generation_kwargs",
          "repeats",
          "filter_list",
          "should_decontaminate",
          "doc_to_decontamination_query",
          "gen_prefix",
          "metadata");

  private static final List<String> FEWSHOT_KEYS =
      List.of(
          "sampler",
          "split",
          "process_docs",
          "fewshot_indices",
          "samples",
          "doc_to_text",
          "doc_to_choice",
          "doc_to_target",
          "gen_prefix",
          "fewshot_delimiter",
          "target_delimiter");

  /** Keys that ask for something that is not done here. */
  private static final List<String> REFUSED =
      List.of(
          "custom_dataset",
          "process_docs",
          "doc_to_image",
          "doc_to_audio",
          "unsafe_code",
          "process_results",
          "use_prompt");

  private static final Map<String, Object> DEFAULTS =
      Map.of(
          "description", "",
          "target_delimiter", " ",
          "fewshot_delimiter", "\n\n",
          "output_type", "generate_until",
          "repeats", 1,
          "should_decontaminate", false,
          "unsafe_code", false);

  /**
   * How shots are chosen and rendered; what the file leaves out is the task's own.
   *
   * @param sampler {@code default} (at random) or {@code first_n}
   */
  public record Fewshot(
      String sampler,
      Optional<String> split,
      Optional<List<Map<String, Object>>> samples,
      Object docToText,
      Optional<Object> docToChoice,
      Object docToTarget,
      Optional<String> genPrefix,
      String fewshotDelimiter,
      String targetDelimiter,
      Map<String, Object> values) {}

  /**
   * @param arguments what the entry sets beside name, aggregation and direction
   */
  public record MetricEntry(
      String metric,
      Optional<String> aggregation,
      Optional<Boolean> higherIsBetter,
      Map<String, Object> arguments) {}

  /** Filters that are applied one after the other; each pipeline scores the answers once more. */
  public record FilterPipeline(String name, List<FilterEntry> filters) {}

  public record FilterEntry(String function, Map<String, Object> arguments) {}

  /**
   * Checks keys and types.
   *
   * @throws BadInputException for an unknown key (the known ones are listed), a wrong type or a
   *     Python function
   */
  static TaskConfig of(Path file, Map<String, Object> given) {
    var unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(KEYS);
    if (!unknown.isEmpty()) {
      throw new BadInputException(
          "%s: unknown key \"%s\". Known keys: %s."
              .formatted(
                  file, String.join("\", \"", unknown), String.join(", ", new TreeSet<>(KEYS))));
    }
    refuseFunctions(file, "", given);
    checkPublish(file, given.get("metadata"));
    for (String key : REFUSED) {
      Object value = given.get(key);
      if (value != null && !value.equals(false)) {
        throw new BadInputException(
            "%s: %s is set, which is not supported here; templates, filters and metrics are."
                .formatted(file, key));
      }
    }
    var values = new LinkedHashMap<String, Object>();
    for (String key : KEYS) {
      Object value = given.get(key);
      values.put(key, value == null ? DEFAULTS.get(key) : value);
    }
    var read = new Reading(file, values);
    OutputType outputType = outputType(file, read.text("output_type"));
    if (outputType == OutputType.GENERATE_UNTIL) {
      values.put("generation_kwargs", generation(read));
    }
    if (values.get("doc_to_text") == null || values.get("doc_to_target") == null) {
      throw new BadInputException(
          "%s: expected doc_to_text and doc_to_target, found only one or none.".formatted(file));
    }
    if (outputType == OutputType.MULTIPLE_CHOICE && values.get("doc_to_choice") == null) {
      throw new BadInputException(
          "%s: output_type multiple_choice needs doc_to_choice.".formatted(file));
    }
    return new TaskConfig(
        file, read.text("task"), outputType, values, fewshot(read), metrics(read), filters(read));
  }

  public TaskConfig {
    requireNonNull(file, "file is null");
    requireNonNull(name, "name is null");
    metrics = List.copyOf(metrics);
    filters = List.copyOf(filters);
  }

  /**
   * The board reads the key from the result, where it stands as the file has it. It is not a key of
   * its own, since lm-eval refuses what it does not know.
   */
  private static void checkPublish(Path file, Object metadata) {
    if (metadata instanceof Map<?, ?> map && map.get(Publish.KEY) != null) {
      try {
        Publish.of("" + map.get(Publish.KEY));
      } catch (IllegalArgumentException e) {
        throw new BadInputException("%s: metadata: %s.".formatted(file, e.getMessage()), e);
      }
    }
  }

  private static OutputType outputType(Path file, String key) {
    for (OutputType type : OutputType.values()) {
      if (type.key().equals(key)) {
        return type;
      }
    }
    throw new BadInputException(
        "%s: output_type %s is not supported; known: generate_until, loglikelihood, multiple_choice."
            .formatted(file, key));
  }

  /** lm_eval/config/task.py, {@code __post_init__}; lm_eval/defaults.py, default_gen_kwargs. */
  private static Map<String, Object> generation(Reading read) {
    var generation = new LinkedHashMap<String, Object>();
    if (read.values.get("generation_kwargs") == null) {
      generation.put("temperature", 0.0);
      generation.put("do_sample", false);
      generation.put("max_gen_toks", 256);
    } else {
      generation.putAll(read.map("generation_kwargs"));
      if (generation.get("temperature") instanceof Number temperature) {
        generation.put("temperature", temperature.doubleValue());
      }
    }
    generation.putIfAbsent("until", List.of(read.text("fewshot_delimiter")));
    return generation;
  }

  private static Fewshot fewshot(Reading task) {
    Map<String, Object> given =
        task.values.get("fewshot_config") == null ? Map.of() : task.map("fewshot_config");
    var unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(FEWSHOT_KEYS);
    if (!unknown.isEmpty()) {
      throw new BadInputException(
          "%s: fewshot_config: unknown key \"%s\". Known keys: %s."
              .formatted(
                  task.file,
                  String.join("\", \"", unknown),
                  String.join(", ", new TreeSet<>(FEWSHOT_KEYS))));
    }
    if (given.get("process_docs") != null || given.get("fewshot_indices") != null) {
      throw new BadInputException(
          "%s: fewshot_config: process_docs and fewshot_indices are not supported."
              .formatted(task.file));
    }
    var values = new LinkedHashMap<String, Object>();
    for (String key : FEWSHOT_KEYS) {
      Object inherited = key.equals("split") ? task.values.get("fewshot_split") : null;
      if (Set.of(
              "doc_to_text",
              "doc_to_choice",
              "doc_to_target",
              "gen_prefix",
              "fewshot_delimiter",
              "target_delimiter")
          .contains(key)) {
        inherited = task.values.get(key);
      }
      values.put(key, given.containsKey(key) ? given.get(key) : inherited);
    }
    if (values.get("sampler") == null) {
      values.put("sampler", "default");
    }
    var read = new Reading(task.file, values);
    String sampler = read.text("sampler");
    if (!List.of("default", "first_n").contains(sampler)) {
      throw new BadInputException(
          "%s: fewshot_config: unknown sampler \"%s\"; known: default, first_n."
              .formatted(task.file, sampler));
    }
    return new Fewshot(
        sampler,
        read.optionalText("split"),
        Optional.ofNullable(values.get("samples")).map(samples -> read.maps("samples")),
        values.get("doc_to_text"),
        Optional.ofNullable(values.get("doc_to_choice")),
        values.get("doc_to_target"),
        read.optionalText("gen_prefix"),
        read.text("fewshot_delimiter"),
        read.text("target_delimiter"),
        values);
  }

  private static List<MetricEntry> metrics(Reading read) {
    if (read.values.get("metric_list") == null) {
      return List.of();
    }
    var metrics = new ArrayList<MetricEntry>();
    for (Map<String, Object> entry : read.maps("metric_list")) {
      var one = new Reading(read.file, entry);
      if (Boolean.TRUE.equals(entry.get("hf_evaluate"))) {
        throw new BadInputException(
            "%s: metric_list: hf_evaluate loads Python code and is not supported."
                .formatted(read.file));
      }
      var arguments = new LinkedHashMap<>(entry);
      arguments
          .keySet()
          .removeAll(List.of("metric", "aggregation", "higher_is_better", "hf_evaluate"));
      metrics.add(
          new MetricEntry(
              one.text("metric"),
              one.optionalText("aggregation"),
              Optional.ofNullable((Boolean) entry.get("higher_is_better")),
              arguments));
    }
    return metrics;
  }

  /** Without a list, the pipeline {@code none}: the first answer as it is. */
  private static List<FilterPipeline> filters(Reading read) {
    if (read.values.get("filter_list") == null) {
      return List.of(new FilterPipeline("none", List.of(new FilterEntry("take_first", Map.of()))));
    }
    var pipelines = new ArrayList<FilterPipeline>();
    for (Map<String, Object> pipeline : read.maps("filter_list")) {
      var one = new Reading(read.file, pipeline);
      var filters = new ArrayList<FilterEntry>();
      for (Map<String, Object> filter : one.maps("filter")) {
        var arguments = new LinkedHashMap<>(filter);
        arguments.remove("function");
        filters.add(new FilterEntry(new Reading(read.file, filter).text("function"), arguments));
      }
      pipelines.add(new FilterPipeline(one.text("name"), filters));
    }
    return pipelines;
  }

  private static void refuseFunctions(Path file, String where, Object value) {
    if (value instanceof PythonFunction function) {
      throw new BadInputException(
          "%s: %s is the Python function %s, and Python is not run here; write it as a template."
              .formatted(file, where, function.name()));
    }
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, element) ->
              refuseFunctions(file, where.isEmpty() ? "" + key : where + "." + key, element));
    } else if (value instanceof List<?> list) {
      list.forEach(element -> refuseFunctions(file, where, element));
    }
  }

  /** Typed reading with sentences. */
  private record Reading(Path file, Map<String, Object> values) {
    String text(String key) {
      return optionalText(key)
          .orElseThrow(() -> new BadInputException("%s: expected %s.".formatted(file, key)));
    }

    Optional<String> optionalText(String key) {
      Object value = values.get(key);
      if (value == null || value instanceof String) {
        return Optional.ofNullable((String) value);
      }
      throw new BadInputException("%s: %s: expected text, found %s.".formatted(file, key, value));
    }

    @SuppressWarnings("unchecked") // keys were checked when the file was read
    Map<String, Object> map(String key) {
      if (values.get(key) instanceof Map<?, ?> map) {
        return (Map<String, Object>) map;
      }
      throw new BadInputException(
          "%s: %s: expected a mapping, found %s.".formatted(file, key, values.get(key)));
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> maps(String key) {
      if (values.get(key) instanceof List<?> list
          && list.stream().allMatch(element -> element instanceof Map)) {
        return (List<Map<String, Object>>) list;
      }
      throw new BadInputException(
          "%s: %s: expected a list of mappings, found %s.".formatted(file, key, values.get(key)));
    }
  }

  /** Version of the task: {@code metadata.version}, else {@code Yaml} as lm-eval says. */
  public Object version() {
    return values.get("metadata") instanceof Map<?, ?> metadata && metadata.get("version") != null
        ? metadata.get("version")
        : "Yaml";
  }

  public String alias() {
    return text("task_alias").orElse(name);
  }

  /** A key that is text or absent. */
  public Optional<String> text(String key) {
    return new Reading(file, values).optionalText(key);
  }

  public String targetDelimiter() {
    return text("target_delimiter").orElse(" ");
  }

  public String fewshotDelimiter() {
    return text("fewshot_delimiter").orElse("\n\n");
  }

  public boolean hasChoices() {
    return values.get("doc_to_choice") != null;
  }

  /** Shots that the file asks for. */
  public OptionalInt numFewshot() {
    return integer("num_fewshot");
  }

  /** How often a request is asked. */
  public int repeats() {
    return integer("repeats").orElse(1);
  }

  private OptionalInt integer(String key) {
    Object value = values.get(key);
    if (value == null) {
      return OptionalInt.empty();
    }
    if (value instanceof Integer number && number >= 0) {
      return OptionalInt.of(number);
    }
    throw new BadInputException(
        "%s: %s: expected a whole number, found %s.".formatted(file, key, value));
  }

  @SuppressWarnings("unchecked") // checked by of
  public Map<String, Object> generation() {
    return (Map<String, Object>) values.get("generation_kwargs");
  }

  /**
   * The configuration as lm-eval writes it into a results file: nothing that is null at the top,
   * {@code num_fewshot} as used.
   */
  public Map<String, Object> asWritten(int numFewshot) {
    var written = new LinkedHashMap<String, Object>();
    for (String key : KEYS) {
      Object value =
          switch (key) {
            case "fewshot_config" -> fewshot.values();
            case "num_fewshot" -> numFewshot;
            case "metadata" -> metadata();
            default -> values.get(key);
          };
      if (value != null) {
        written.put(key, value);
      }
    }
    return written;
  }

  private Map<String, Object> metadata() {
    var metadata = new LinkedHashMap<String, Object>();
    if (values.get("metadata") instanceof Map<?, ?> given) {
      given.forEach((key, value) -> metadata.put("" + key, value));
    }
    metadata.put("config_source", file.toString());
    return metadata;
  }
}
