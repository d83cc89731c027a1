package dev.whetstone.eval.task;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A task and its documents.
 *
 * @param documents what is scored, in order; values are null, text, Boolean, Long, Double, list or
 *     map
 * @param shots what shots are drawn from, empty if there is nothing
 * @param excludesItself whether a document must not be its own shot, because both come from the
 *     same split
 */
public record Benchmark(
    TaskConfig task,
    List<Map<String, Object>> documents,
    List<Map<String, Object>> shots,
    boolean excludesItself) {

  /**
   * Reads the documents that a task names. Paths of files are taken from the working directory, as
   * lm-eval takes them, else from the folder of the task's file.
   *
   * @throws BadInputException if the task's data is not local JSON, or a file or split is missing
   */
  public static Benchmark open(TaskConfig task) {
    var data = new Data(task);
    Optional<String> split =
        task.text("test_split").isPresent()
            ? task.text("test_split")
            : task.text("validation_split");
    if (split.isEmpty()) {
      throw new BadInputException(task.file() + ": expected test_split or validation_split.");
    }
    List<Map<String, Object>> documents = data.split(split.get());
    if (documents.isEmpty()) {
      throw new BadInputException(
          "%s: the split \"%s\" has no document.".formatted(task.file(), split.get()));
    }
    return new Benchmark(
        task, documents, data.shots(), task.fewshot().split().equals(task.text("test_split")));
  }

  public Benchmark {
    documents = List.copyOf(documents);
    shots = List.copyOf(shots);
  }

  /** Names that a doc_to_* key may mean as a column rather than as a template. */
  public Set<String> columns() {
    return JsonDocuments.columns(documents);
  }

  /** Content hash of the configuration (without its path) and of all documents. */
  public String content() {
    var config = new LinkedHashMap<>(task.values());
    config.remove("dataset_kwargs"); // paths; the documents themselves follow
    config.remove("fewshot_config");
    ContentHash hash = ContentHash.of("benchmark/1").addJson(config);
    hash.addJson(task.fewshot().values()).add(documents.size());
    documents.forEach(hash::addJson);
    hash.add(shots.size());
    shots.forEach(hash::addJson);
    return hash.finish();
  }

  /** The files of a task, split by split. */
  private record Data(TaskConfig task, Map<String, List<Path>> files, Optional<String> field) {
    Data(TaskConfig task) {
      this(task, files(task), field(task));
    }

    private static Map<?, ?> arguments(TaskConfig task) {
      return task.values().get("dataset_kwargs") instanceof Map<?, ?> given ? given : Map.of();
    }

    private static Optional<String> field(TaskConfig task) {
      return Optional.ofNullable(arguments(task).get("field")).map(String::valueOf);
    }

    private static Map<String, List<Path>> files(TaskConfig task) {
      if (!"json".equals(task.values().get("dataset_path"))) {
        throw new BadInputException(
            "%s: dataset_path is %s; only local JSON files are read here: write \"dataset_path: json\" and dataset_kwargs.data_files."
                .formatted(task.file(), task.values().get("dataset_path")));
      }
      Object given = arguments(task).get("data_files");
      if (given == null) {
        throw new BadInputException(
            task.file() + ": dataset_path json needs dataset_kwargs.data_files.");
      }
      Map<?, ?> bySplit = given instanceof Map<?, ?> map ? map : Map.of("train", given);
      var files = new LinkedHashMap<String, List<Path>>();
      bySplit.forEach(
          (split, named) ->
              files.put(
                  "" + split,
                  (named instanceof List<?> several ? several : List.of(named))
                      .stream().map(file -> locate(task, "" + file)).toList()));
      return files;
    }

    private static Path locate(TaskConfig task, String file) {
      Path here = Path.of(file);
      Path beside = task.file().toAbsolutePath().resolveSibling(file);
      if (Files.isRegularFile(here)) {
        return here;
      }
      if (Files.isRegularFile(beside)) {
        return beside;
      }
      throw new BadInputException(
          "%s: expected the documents at %s, found no file.".formatted(task.file(), beside));
    }

    List<Map<String, Object>> split(String name) {
      List<Path> paths = files.get(name);
      if (paths == null) {
        throw new BadInputException(
            "%s: the split \"%s\" is not among data_files (%s)."
                .formatted(task.file(), name, String.join(", ", files.keySet())));
      }
      return JsonDocuments.read(paths, field);
    }

    /** lm_eval/api/task.py, fewshot_docs. */
    List<Map<String, Object>> shots() {
      if (task.fewshot().split().isPresent()) {
        return split(task.fewshot().split().get());
      }
      if (task.fewshot().samples().isPresent()) {
        return task.fewshot().samples().get();
      }
      for (String key : List.of("training_split", "validation_split", "test_split")) {
        if (task.text(key).isPresent()) {
          return split(task.text(key).get());
        }
      }
      return List.of();
    }
  }
}
