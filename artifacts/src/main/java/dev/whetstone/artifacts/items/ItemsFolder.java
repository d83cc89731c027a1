package dev.whetstone.artifacts.items;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.JsonLines;
import dev.whetstone.artifacts.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Benchmark items as rendered, one {@code <task>.jsonl} a task: what {@code prepare} decontaminates
 * against.
 */
public record ItemsFolder(Path path, Manifest manifest) {
  public static final String FORMAT = "whetstone.items/1";

  private static final String SUFFIX = ".jsonl";

  /**
   * One document of a benchmark.
   *
   * @param task names its file, so it has no path separator
   * @param question the rendered question without shots
   * @param answers the gold answer first, then the other choices
   */
  public record Item(
      String task,
      String version,
      int docId,
      String question,
      List<String> answers,
      String docHash,
      String promptHash,
      String targetHash) {
    public Item {
      requireNonNull(task, "task is null");
      requireNonNull(version, "version is null");
      requireNonNull(question, "question is null");
      answers = List.copyOf(answers);
      if (docId < 0) {
        throw new IllegalArgumentException("doc_id must be >= 0: " + docId);
      }
      requireNonNull(docHash, "doc_hash is null");
      requireNonNull(promptHash, "prompt_hash is null");
      requireNonNull(targetHash, "target_hash is null");
    }
  }

  public static ItemsFolder open(Path folder) {
    return new ItemsFolder(folder, Manifest.read(folder, FORMAT));
  }

  /** All items, tasks by name, documents in order. */
  public List<Item> items() {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
          .sorted()
          .flatMap(file -> JsonLines.read(file, Item.class).stream())
          .toList();
    } catch (IOException e) {
      throw InputFile.unreadable(path, "a folder", e);
    }
  }

  /** Content hash of items in their order: what the manifest of the folder holds. */
  public static String contentOf(List<Item> items) {
    ContentHash hash = ContentHash.of("items/1").add(items.size());
    inOrder(items).forEach(hash::addJson);
    return hash.finish();
  }

  /**
   * Writes one file a task into {@code folder} and finishes it.
   *
   * @param manifest of this {@link #FORMAT}; its content is {@link #contentOf} the items
   */
  public static void write(ArtifactFolder folder, List<Item> items, Manifest manifest) {
    if (!manifest.format().equals(FORMAT)) {
      throw new IllegalArgumentException("expected " + FORMAT + ": " + manifest.format());
    }
    var byTask = new TreeMap<String, StringBuilder>();
    for (Item item : inOrder(items)) {
      if (!item.task().matches("[^/\\\\]+") || item.task().startsWith(".")) {
        throw new BadInputException(
            "task \"%s\": its name cannot name a file.".formatted(item.task()));
      }
      byTask
          .computeIfAbsent(item.task(), task -> new StringBuilder())
          .append(Json.line(item))
          .append('\n');
    }
    byTask.forEach(
        (task, lines) ->
            ArtifactFolder.writeAtomically(folder.path().resolve(task + SUFFIX), lines.toString()));
    folder.finish(manifest);
  }

  /** Tasks by name, documents as they come. */
  private static List<Item> inOrder(List<Item> items) {
    var sorted = new ArrayList<>(items);
    sorted.sort(Comparator.comparing(Item::task)); // stable: documents keep their order
    return sorted;
  }
}
