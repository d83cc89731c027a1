package dev.whetstone.datasets.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.types.StructType;

/**
 * A split that {@code save_to_disk} wrote, ours or Hugging Face's ({@code datasets} 3.6 to 5.2,
 * arrow_dataset.py and dataset_dict.py).
 *
 * @param folder of {@code state.json}
 * @param shards Arrow IPC streams in the order of their rows
 */
public record SavedDataset(String folder, List<Shard> shards) {
  private static final long MAX_STATE_BYTES = 64L << 20;

  /** A file of rows, and its size. */
  public record Shard(String file, long sizeBytes) {}

  /** Copies the list. */
  public SavedDataset {
    shards = List.copyOf(shards);
  }

  /**
   * Looks which shards a dataset has.
   *
   * @param path a dataset, or the folder of several splits; null for none
   * @param split empty: the only one
   * @throws BadInputException if there is no such dataset; the message says what was found
   */
  public static SavedDataset open(String path, String split, Configuration configuration) {
    if (path == null) {
      throw new BadInputException(
          "hf-arrow: expected one folder, as in load(folder), found none or several.");
    }
    var folder = new Path(path);
    try {
      FileSystem files = HadoopFolder.files(folder, configuration);
      Set<String> names = names(files, folder);
      if (names.contains(HuggingFaceFolder.STATE) && names.contains(HuggingFaceFolder.INFO)) {
        return ofState(files, folder, split);
      }
      if (names.contains(HuggingFaceFolder.DICT)) {
        Path of = new Path(folder, chosen(files, folder, split));
        Set<String> inSplit = names(files, of);
        if (!inSplit.contains(HuggingFaceFolder.STATE)
            || !inSplit.contains(HuggingFaceFolder.INFO)) {
          throw notSaved(of, inSplit);
        }
        return ofState(files, of, split);
      }
      throw notSaved(folder, names);
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static SurroundingsException unreadable(Path folder, IOException e) {
    return new SurroundingsException(
        "%s: cannot be read (%s).".formatted(folder, e.getMessage()), e);
  }

  private static Set<String> names(FileSystem files, Path folder) throws IOException {
    try {
      if (files.getFileStatus(folder).isFile()) {
        throw new BadInputException(
            folder + ": expected a dataset that save_to_disk wrote, found a file.");
      }
    } catch (FileNotFoundException e) {
      throw new BadInputException(
          folder + ": expected a dataset that save_to_disk wrote, found no folder.", e);
    }
    Set<String> names = new TreeSet<>();
    for (FileStatus entry : files.listStatus(folder)) {
      names.add(entry.getPath().getName());
    }
    if (names.stream().anyMatch(ArtifactFolder.OWN_FILES::contains)) {
      throw new BadInputException(
          folder + ": is unfinished; run the command that makes it again, to its end.");
    }
    return names;
  }

  private static BadInputException notSaved(Path folder, Set<String> names) {
    String found =
        names.isEmpty()
            ? "an empty folder"
            : String.join(", ", names.stream().limit(5).toList())
                + (names.size() > 5 ? ", ..." : "");
    return new BadInputException(
        "%s: expected state.json and dataset_info.json, or dataset_dict.json, as save_to_disk writes them, found %s."
            .formatted(folder, found));
  }

  /**
   * The names of the splits in a folder of several.
   *
   * @throws BadInputException if its {@code dataset_dict.json} is none
   */
  public static List<String> splits(String path, Configuration configuration) {
    var folder = new Path(path);
    try {
      return splits(HadoopFolder.files(folder, configuration), folder);
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static List<String> splits(FileSystem files, Path folder) throws IOException {
    List<String> splits = new ArrayList<>();
    for (JsonNode name : json(files, new Path(folder, HuggingFaceFolder.DICT)).path("splits")) {
      splits.add(name.asText());
    }
    return splits;
  }

  private static String chosen(FileSystem files, Path folder, String split) throws IOException {
    Path dict = new Path(folder, HuggingFaceFolder.DICT);
    List<String> splits = splits(files, folder);
    if (split.isEmpty() && splits.size() == 1) {
      return within(dict, splits.get(0));
    }
    if (!splits.contains(split)) {
      throw new BadInputException(
          "%s: expected %s, found the splits %s; name one with split."
              .formatted(
                  folder,
                  split.isEmpty() ? "one split" : "a split \"" + split + "\"",
                  String.join(", ", splits)));
    }
    return within(dict, split);
  }

  private static SavedDataset ofState(FileSystem files, Path folder, String split)
      throws IOException {
    Path file = new Path(folder, HuggingFaceFolder.STATE);
    JsonNode state = json(files, file);
    String itsSplit = state.path("_split").asText("");
    if (!split.isEmpty() && !itsSplit.isEmpty() && !itsSplit.equals(split)) {
      throw new BadInputException(
          "%s: expected the split \"%s\", found \"%s\".".formatted(folder, split, itsSplit));
    }
    if (!state.path("_indices_data_files").isEmpty()) {
      throw new BadInputException(
          file
              + ": holds a choice of rows apart from them (_indices_data_files); save it again with"
              + " datasets 2.0 or newer.");
    }
    List<Shard> shards = new ArrayList<>();
    for (JsonNode shard : state.path("_data_files")) {
      Path path = new Path(folder, within(file, shard.path("filename").asText()));
      try {
        shards.add(new Shard(path.toString(), files.getFileStatus(path).getLen()));
      } catch (FileNotFoundException e) {
        throw new BadInputException(
            "%s: lists %s, which is not there.".formatted(file, shard.path("filename")), e);
      }
    }
    if (shards.isEmpty()) {
      throw new BadInputException(file + ": expected \"_data_files\", found none.");
    }
    return new SavedDataset(folder.toString(), shards);
  }

  /** A name that stays within the folder of {@code file}. */
  private static String within(Path file, String name) {
    boolean plain = !name.isEmpty() && name.chars().noneMatch(Character::isISOControl);
    boolean leaves =
        name.startsWith("/") || name.contains(":") || List.of(name.split("/", -1)).contains("..");
    if (!plain || leaves) {
      throw new BadInputException(
          "%s: expected names within its folder, found \"%s\".".formatted(file, name));
    }
    return name;
  }

  private static JsonNode json(FileSystem files, Path file) throws IOException {
    long size = files.getFileStatus(file).getLen();
    if (size > MAX_STATE_BYTES) {
      throw new BadInputException(
          "%s: expected a JSON file of at most %d MiB, found a larger one."
              .formatted(file, MAX_STATE_BYTES >> 20));
    }
    try (var in = files.open(file)) {
      JsonNode tree = Json.mapper().readTree(new String(in.readAllBytes(), UTF_8));
      if (!tree.isObject()) {
        throw new BadInputException(file + ": expected a JSON object, found none.");
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw new BadInputException(file + ": " + Json.sentence(e), e);
    }
  }

  /**
   * The columns, by the first shard.
   *
   * @throws BadInputException if it is no Arrow stream or has a column that Spark cannot hold
   */
  StructType schema(Configuration configuration) {
    try (var reader = new ShardReader(ShardRange.schemaOf(shards.get(0)), configuration)) {
      return reader.schema();
    }
  }
}
