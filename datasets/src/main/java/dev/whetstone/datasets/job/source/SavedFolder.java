package dev.whetstone.datasets.job.source;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import dev.whetstone.datasets.sink.HadoopFolder;
import dev.whetstone.datasets.sink.SavedDataset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A folder that {@code save_to_disk} wrote, as a source of raw rows. */
final class SavedFolder {
  /** The split that is read where the recipe names none. */
  private static final String TRAIN = "train";

  private SavedFolder() {}

  /**
   * The shards of the dataset in {@code folder}, in order; empty if it is another folder.
   *
   * @throws BadInputException if the split is not there or not told, or a shard is missing
   */
  static Optional<List<FileStatus>> shards(Path folder, Source source, Configuration configuration)
      throws IOException {
    FileSystem files = HadoopFolder.files(folder, configuration);
    boolean manySplits = files.exists(new Path(folder, HuggingFaceFolder.DICT));
    if (!manySplits && !files.exists(new Path(folder, HuggingFaceFolder.STATE))) {
      return Optional.empty();
    }
    String split =
        manySplits && source.split().isEmpty()
            ? split(SavedDataset.splits(folder.toString(), configuration), source)
            : source.split();
    List<FileStatus> shards = new ArrayList<>();
    for (var shard : SavedDataset.open(folder.toString(), split, configuration).shards()) {
      shards.add(files.getFileStatus(new Path(shard.file())));
    }
    return Optional.of(shards);
  }

  private static String split(List<String> splits, Source source) {
    if (splits.size() > 1 && splits.contains(TRAIN)) {
      System.err.printf(
          "prepare: source %s: split %s is read, of %s%n",
          source.path(), TRAIN, String.join(", ", splits));
      return TRAIN;
    }
    return "";
  }
}
