package dev.whetstone.datasets.job.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A folder that Hugging Face's {@code save_to_disk} wrote: a Dataset, or one split of a DatasetDict
 * ({@code datasets} 5.0, arrow_dataset.py and dataset_dict.py, load_from_disk).
 *
 * @param shards in order
 */
record SavedFolder(List<FileStatus> shards) {
  static final String DICT = HuggingFaceFolder.DICT;
  static final String STATE = HuggingFaceFolder.STATE;
  static final String INFO = HuggingFaceFolder.INFO;

  /** The split that is read where the recipe names none. */
  private static final String TRAIN = "train";

  /**
   * The dataset in {@code folder}; empty if it is another folder.
   *
   * @throws BadInputException if the split is not there or not told, or a shard is missing
   */
  static Optional<SavedFolder> in(Path folder, Source source, Configuration configuration)
      throws IOException {
    FileSystem files = SourceFiles.raw(folder, configuration);
    if (files.exists(new Path(folder, DICT))) {
      String split = split(read(files, new Path(folder, DICT)), source);
      return Optional.of(of(new Path(folder, split), files));
    }
    return files.exists(new Path(folder, STATE))
        ? Optional.of(of(folder, files))
        : Optional.empty();
  }

  private static String split(JsonNode dict, Source source) {
    List<String> splits = new ArrayList<>();
    dict.path("splits").forEach(name -> splits.add(name.asText()));
    String all = String.join(", ", splits);
    String wanted = source.split();
    if (wanted.isEmpty()) {
      wanted = splits.size() == 1 ? splits.get(0) : TRAIN;
      if (splits.size() > 1 && splits.contains(wanted)) {
        System.err.printf(
            "prepare: source %s: split %s is read, of %s%n", source.path(), wanted, all);
      }
    }
    if (!splits.contains(wanted)) {
      throw new BadInputException(
          "source %s: expected the split %s, found %s; name one with split."
              .formatted(source.path(), wanted, splits.isEmpty() ? "none" : all));
    }
    return wanted;
  }

  private static SavedFolder of(Path folder, FileSystem files) throws IOException {
    Path state = new Path(folder, STATE);
    if (!files.exists(state)) {
      throw new BadInputException(
          "%s: expected a folder of save_to_disk, found no %s in it."
              .formatted(SourceFiles.name(folder), STATE));
    }
    List<FileStatus> shards = new ArrayList<>();
    for (JsonNode file : read(files, state).path("_data_files")) {
      String name = file.path("filename").asText();
      boolean inside = !name.isEmpty() && !name.startsWith("/") && !name.contains("..");
      if (!inside || name.chars().anyMatch(Character::isISOControl)) {
        throw new BadInputException(
            "%s: expected a file within its folder, found \"%s\"."
                .formatted(SourceFiles.name(state), name));
      }
      Path shard = new Path(folder, new Path(null, null, name));
      if (!files.exists(shard)) {
        throw new BadInputException(
            "%s: expected the shard %s that it names, found none: the folder is incomplete."
                .formatted(SourceFiles.name(state), name));
      }
      shards.add(files.getFileStatus(shard));
    }
    return new SavedFolder(List.copyOf(shards));
  }

  private static JsonNode read(FileSystem files, Path path) throws IOException {
    try (InputStream in = files.open(path)) {
      return Json.mapper().readTree(in.readAllBytes());
    } catch (JsonProcessingException e) {
      throw new BadInputException(SourceFiles.name(path) + ": " + Json.sentence(e), e);
    }
  }
}
