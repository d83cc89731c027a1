package dev.whetstone.eval;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.items.ItemsFolder;
import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.eval.prompt.DocumentTexts;
import dev.whetstone.eval.python.PythonText;
import dev.whetstone.eval.result.TaskResult;
import dev.whetstone.eval.task.Benchmark;
import dev.whetstone.eval.task.TaskFiles;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Writes benchmark items as rendered, step by step: what the command {@code items} does. */
final class ItemsRun {
  private static final int BEHAVIOUR_VERSION = 1;

  private ItemsRun() {}

  /** Every document of the tasks; the folder stays as it is if it holds this very work. */
  static ItemsFolder run(
      List<String> tasks, Optional<Path> includePath, Path out, boolean overwrite, Clock clock) {
    Instant started = clock.instant();
    var benchmarks = new TaskFiles(includePath).tasks(tasks).stream().map(Benchmark::open).toList();
    var inputs = new TreeMap<String, String>();
    benchmarks.forEach(b -> inputs.put("tasks/" + b.task().name(), b.content()));
    String id = StepId.of("items", BEHAVIOUR_VERSION, Map.of(), inputs);
    Optional<ArtifactFolder> begun = ArtifactFolder.begin(out, ItemsFolder.FORMAT, id, overwrite);
    if (begun.isEmpty()) {
      System.err.printf("%s: already holds these items; nothing to do.%n", out);
      return ItemsFolder.open(out);
    }
    try (ArtifactFolder folder = begun.get()) {
      folder.clear();
      write(folder, benchmarks, id, inputs, tasks, includePath, clock, started);
    }
    return ItemsFolder.open(out);
  }

  private static void write(
      ArtifactFolder folder,
      List<Benchmark> benchmarks,
      String id,
      Map<String, String> inputs,
      List<String> tasks,
      Optional<Path> includePath,
      Clock clock,
      Instant started) {
    var items = new ArrayList<Item>();
    var counts = new TreeMap<String, Integer>();
    for (Benchmark benchmark : benchmarks) {
      items.addAll(items(benchmark));
      counts.put(benchmark.task().name(), benchmark.documents().size());
    }
    var manifest =
        new Manifest(
            ItemsFolder.FORMAT,
            id,
            ItemsFolder.contentOf(items),
            inputs,
            Json.mapper()
                .valueToTree(
                    Map.of(
                        "tasks",
                        tasks,
                        "include_path",
                        includePath.map(Path::toString).orElse(""))),
            Json.mapper().valueToTree(Map.of("items", items.size(), "tasks", counts)),
            Map.of(),
            Versions.current(Map.of()),
            List.of(),
            started.toString(),
            Duration.between(started, clock.instant()).toMillis() / 1e3);
    ItemsFolder.write(folder, items, manifest);
  }

  private static List<Item> items(Benchmark benchmark) {
    var texts = new DocumentTexts(benchmark);
    var items = new ArrayList<Item>();
    for (Map<String, Object> document : benchmark.documents()) {
      String question = PythonText.str(texts.question(document));
      Object target = texts.target(document);
      items.add(
          new Item(
              benchmark.task().name(),
              PythonText.str(benchmark.task().version()),
              items.size(),
              question,
              answers(target, texts.choices(document)),
              TaskResult.docHash(document),
              ContentHash.sha256(question),
              ContentHash.sha256(PythonText.str(target))));
    }
    return items;
  }

  /** Right ones first, then the other choices. */
  private static List<String> answers(Object target, List<String> choices) {
    var answers = new ArrayList<String>();
    for (Object right : target instanceof List<?> several ? several : List.of(target)) {
      boolean isChoice =
          right instanceof Number place
              && place.intValue() >= 0
              && place.intValue() < choices.size();
      answers.add(isChoice ? choices.get(((Number) right).intValue()) : PythonText.str(right));
    }
    choices.stream().filter(choice -> !answers.contains(choice)).forEach(answers::add);
    return answers;
  }
}
