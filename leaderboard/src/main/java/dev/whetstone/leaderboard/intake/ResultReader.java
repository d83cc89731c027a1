package dev.whetstone.leaderboard.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.JsonLines;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.artifacts.result.ResultFolder;
import dev.whetstone.leaderboard.entry.Contender;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads a result folder: ours, whose manifest brings the lineage, or a plain output folder of
 * lm-evaluation-harness, whose model is then known by name only. A folder that holds one folder of
 * results, as {@code --output_path} makes it, stands for that one.
 */
public final class ResultReader {
  private static final Pattern MODEL_ARGUMENT = Pattern.compile("(?:^|,)(\\w+)=([^,]*)");

  private ResultReader() {}

  /**
   * The entry of {@code folder}.
   *
   * @param name what the board shall call the contender; empty for its own name
   * @throws BadInputException if this is no finished result, or one of its files cannot be read
   */
  public static Entry read(Path folder, String name) {
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(folder + ": expected a result folder here, found none.");
    }
    if (Manifest.exists(folder)) {
      return ours(ResultFolder.open(folder), name);
    }
    Path place = onlyPlace(folder);
    return plain(place, name);
  }

  private static Entry ours(ResultFolder result, String name) {
    Manifest manifest = result.manifest();
    Ancestor model =
        Ancestor.newest(manifest.lineage(), "model")
            .orElseThrow(
                () ->
                    new BadInputException(
                        result.path()
                            + ": expected a model in the manifest's lineage, found none; evaluate"
                            + " again."));
    Optional<Ancestor> adapter = Ancestor.newest(manifest.lineage(), "adapter");
    JsonNode file = result.results();
    Publish trainedOn = Permissions.ofTraining(manifest.lineage());
    var tasks = new ArrayList<TaskResult>();
    for (String task : result.tasks()) {
      tasks.add(TaskReader.read(result.path(), file, task, result.samples(task), trainedOn));
    }
    if (tasks.isEmpty()) {
      throw noSamples(result.path());
    }
    String ownName = adapter.map(Ancestor::name).orElse(model.name());
    return new Entry(
        ContentHash.of("board-entry/1").add(manifest.id()).add(manifest.content()).finish(),
        manifest.content(),
        name.isEmpty() ? ownName : name,
        new Contender(model.content(), model.name(), adapter.map(Ancestor::content).orElse("")),
        chatTemplate(file),
        manifest.recipe(),
        manifest.versions(),
        manifest.lineage(),
        manifest.started(),
        manifest.seconds(),
        tasks);
  }

  private static Entry plain(Path folder, String name) {
    Path results = only(folder);
    JsonNode file = Json.read(results);
    String date = results.getFileName().toString().replaceAll("^results_|\\.json$", "");
    var tasks = new ArrayList<TaskResult>();
    ContentHash content = ContentHash.of("lm-eval-result/1").addJson(file.path("results"));
    for (String task : names(file.path("results"))) {
      Path samples = folder.resolve("samples_" + task + "_" + date + ".jsonl");
      if (Files.isRegularFile(samples)) {
        content.add(task).add(ContentHash.sha256(samples));
        List<JsonNode> rows = JsonLines.read(samples, JsonNode.class);
        // Such a folder does not tell what a model was trained on.
        tasks.add(TaskReader.read(folder, file, task, rows, Publish.TEXT));
      }
    }
    if (tasks.isEmpty()) {
      throw noSamples(folder);
    }
    Map<String, String> arguments = modelArguments(file.at("/config/model_args"));
    String model =
        arguments.getOrDefault(
            "pretrained", file.path("model_name").asText(folder.getFileName().toString()));
    String adapter = arguments.getOrDefault("peft", "");
    String hash = content.finish();
    return new Entry(
        ContentHash.of("board-entry/1").add(hash).add(model).add(adapter).finish(),
        hash,
        name.isEmpty() ? (adapter.isEmpty() ? model : adapter) : name,
        new Contender("name:" + model, model, adapter.isEmpty() ? "" : "name:" + adapter),
        chatTemplate(file),
        file.path("config"),
        versions(file),
        List.of(),
        evaluated(file.path("date")),
        Math.max(0, file.path("total_evaluation_time_seconds").asDouble(0)),
        tasks);
  }

  private static Map<String, String> versions(JsonNode file) {
    var versions = new TreeMap<String, String>();
    for (String key : List.of("lm_eval_version", "transformers_version", "git_hash")) {
      if (file.path(key).isTextual()) {
        versions.put(key, file.path(key).asText());
      }
    }
    return versions;
  }

  private static String evaluated(JsonNode seconds) {
    try {
      return Instant.ofEpochMilli(Math.round(seconds.asDouble(0) * 1e3)).toString();
    } catch (DateTimeException e) {
      return Instant.EPOCH.toString();
    }
  }

  /** Older files hold {@code "pretrained=x,peft=y"}, newer ones an object. */
  private static Map<String, String> modelArguments(JsonNode arguments) {
    var values = new TreeMap<String, String>();
    if (arguments.isObject()) {
      arguments
          .properties()
          .forEach(field -> values.put(field.getKey(), field.getValue().asText()));
    } else {
      Matcher matcher = MODEL_ARGUMENT.matcher(arguments.asText());
      while (matcher.find()) {
        values.put(matcher.group(1), matcher.group(2));
      }
    }
    return values;
  }

  private static String chatTemplate(JsonNode file) {
    JsonNode hash = file.path("chat_template_sha"); // null without a template
    return hash.isTextual() ? hash.asText() : "";
  }

  private static List<String> names(JsonNode object) {
    var names = new ArrayList<String>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Path onlyPlace(Path folder) {
    if (!resultsFiles(folder).isEmpty()) {
      return folder;
    }
    List<Path> places =
        list(folder).stream()
            .filter(Files::isDirectory)
            .filter(inner -> !resultsFiles(inner).isEmpty())
            .toList();
    if (places.size() != 1) {
      throw new BadInputException(
          "%s: expected results_<date>.json or one folder that holds it, found %d such folders."
              .formatted(folder, places.size()));
    }
    return places.get(0);
  }

  private static Path only(Path folder) {
    List<Path> files = resultsFiles(folder);
    if (files.size() != 1) {
      throw new BadInputException(
          "%s: expected one results_<date>.json, found %d; give each evaluation a folder of its own."
              .formatted(folder, files.size()));
    }
    return files.get(0);
  }

  private static List<Path> resultsFiles(Path folder) {
    return list(folder).stream()
        .filter(file -> file.getFileName().toString().matches("results_.*\\.json"))
        .toList();
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted(Comparator.naturalOrder()).toList();
    } catch (IOException e) {
      throw InputFile.unreadable(folder, "a result folder", e);
    }
  }

  private static BadInputException noSamples(Path folder) {
    return new BadInputException(
        folder
            + ": expected a samples_<task>_<date>.jsonl for at least one task, found none; evaluate"
            + " with --log_samples.");
  }
}
