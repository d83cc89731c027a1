package dev.whetstone.artifacts.items;

import dev.whetstone.artifacts.Manifest;
import java.nio.file.Path;
import java.util.List;

/**
 * Benchmark items as rendered, one {@code <task>.jsonl} a task: what {@code prepare} decontaminates
 * against.
 */
public record ItemsFolder(Path path, Manifest manifest) {
  public static final String FORMAT = "whetstone.items/1";

  /**
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
      String targetHash) {}

  public static ItemsFolder open(Path folder) {
    return new ItemsFolder(folder, Manifest.read(folder, FORMAT));
  }

  /** All items, tasks by name, documents in order. */
  public List<Item> items() {
    throw new UnsupportedOperationException();
  }
}
