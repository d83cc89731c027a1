package dev.whetstone.leaderboard.intake;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.artifacts.dataset.ContaminatedItem;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.Exposure;
import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.entry.TaskResult;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a dataset tells of the benchmark items in its rows, joined to the samples of models that
 * were trained on it by the hash of the document. An item that another task has too counts for
 * both.
 */
public final class TrainingRows {
  private final String content;
  private final Set<String> checked;
  private final Map<String, Exposure> byDocument = new HashMap<>();

  private TrainingRows(DatasetFolder dataset) {
    this.content = dataset.manifest().content();
    Map<String, CheckedTask> tasks = dataset.checkedTasks();
    this.checked = tasks.keySet();
    for (ContaminatedItem item : dataset.contamination()) {
      byDocument.merge(
          item.docHash(),
          item.trainedRows() > 0 ? Exposure.TRAINED : Exposure.REMOVED,
          (a, b) -> a == Exposure.TRAINED ? a : b);
    }
  }

  /**
   * @throws dev.whetstone.artifacts.BadInputException if this is no finished dataset
   */
  public static TrainingRows open(Path dataset) {
    return new TrainingRows(DatasetFolder.open(dataset));
  }

  /** The entry with the exposure of its samples; empty if it was not trained on this dataset. */
  public Optional<Entry> joinedTo(Entry entry) {
    boolean trainedOn =
        Ancestor.newest(entry.lineage(), "dataset")
            .filter(dataset -> dataset.content().equals(content))
            .isPresent();
    return trainedOn
        ? Optional.of(entry.withTasks(entry.tasks().stream().map(this::joinedTo).toList()))
        : Optional.empty();
  }

  private TaskResult joinedTo(TaskResult task) {
    return checked.contains(task.task())
        ? task.withSamples(task.samples().stream().map(this::joinedTo).toList())
        : task;
  }

  private Sample joinedTo(Sample sample) {
    return sample.withExposure(byDocument.getOrDefault(sample.docHash(), Exposure.CLEAN));
  }
}
