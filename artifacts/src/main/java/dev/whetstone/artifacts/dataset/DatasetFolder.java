package dev.whetstone.artifacts.dataset;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.JsonLines;
import dev.whetstone.artifacts.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.arrow.vector.BitVector;

/**
 * A prepared dataset: Hugging Face {@code save_to_disk} layout, a sub-folder per split ({@code
 * train}, {@code validation}), Arrow IPC streams in {@code <split>/data/}, pack plans in {@code
 * <split>/packs-<length>.arrow}, dropped rows in {@code dropped/*.jsonl} (one object a line: {@code
 * id, source, line, reason, detail, text}), {@code report.html}, {@code manifest.json}; and {@code
 * contamination.jsonl} where benchmark items were looked for.
 *
 * <p>A row holds {@code id} (utf8) and the cleaned {@code messages}; where the target model was
 * known, also {@code input_ids} and {@code labels} (lists of int32), and {@code loss_weights} (list
 * of float32) where rows say what a message counts.
 */
public record DatasetFolder(Path path, Manifest manifest) {
  public static final String FORMAT = "whetstone.dataset/1";

  /** utf8: the row's id from the source on. */
  public static final String ID = "id";

  /** list of struct of utf8 {@code role}, {@code content} and so on. */
  public static final String MESSAGES = "messages";

  /** list of int32, [T]. */
  public static final String INPUT_IDS = "input_ids";

  /** list of int32, [T]; {@link #IGNORED} where there is nothing to learn. */
  public static final String LABELS = "labels";

  /**
   * list of float32, [T]: what each target counts in the loss; absent, or null in a row, where each
   * counts 1.
   */
  public static final String LOSS_WEIGHTS = "loss_weights";

  /** What the names of a pair's other side begin with. */
  public static final String REJECTED = "rejected_";

  /** bool: whether an answer is a good one. */
  public static final String LABEL = "label";

  /** The label that is no target, as in torch's {@code CrossEntropyLoss}. */
  public static final int IGNORED = -100;

  /** Column of a pack plan, int32: number of the pack, from 0, without gaps, never falling. */
  public static final String PACK = "pack";

  /** Column of a pack plan, int64: index of the row within its split. */
  public static final String PACKED_ROW = "row";

  /** Column of a pack plan, int32: tokens of that row. */
  public static final String PACKED_LENGTH = "length";

  /** File: one line for each row of a cluster of duplicates, in each the row that stays first. */
  public static final String CLUSTERS = "clusters.jsonl";

  /** A {@link ContaminatedItem} a line, tasks and items in order. */
  public static final String CONTAMINATION = "contamination.jsonl";

  public static DatasetFolder open(Path folder) {
    return new DatasetFolder(folder, Manifest.read(folder, FORMAT));
  }

  /**
   * A tokenised row. {@code labels} has the length of {@code inputIds}; -100 is not a target.
   *
   * @param row index within the split, from 0
   * @param weights what each target counts in the loss, [T]; empty: 1 each
   */
  public record TokenRow(
      long row, String id, int[] inputIds, int[] labels, Optional<float[]> weights) {
    public TokenRow {
      requireNonNull(id, "id is null");
      requireNonNull(weights, "weights is null");
      if (inputIds.length != labels.length) {
        throw new IllegalArgumentException(
            "labels has %d entries, input_ids has %d".formatted(labels.length, inputIds.length));
      }
    }
  }

  /** A pack: rows of one split laid end to end, never cut, at most the plan's length in tokens. */
  public record Pack(List<Long> rows) {
    public Pack {
      rows = List.copyOf(rows);
    }
  }

  /** File name of the pack plan for packed rows of {@code length} tokens, within a split. */
  public static String packsFile(int length) {
    return "packs-" + length + ".arrow";
  }

  /** Names of the splits, in the order of {@code dataset_dict.json}. */
  public List<String> splits() {
    Path file = path.resolve("dataset_dict.json");
    JsonNode names = Json.read(file).path("splits");
    var splits = new ArrayList<String>();
    for (JsonNode name : names) {
      if (!name.asText().matches("\\w[\\w.-]*")) {
        throw new BadInputException(
            "%s: expected names of splits, such as train, found %s.".formatted(file, name));
      }
      splits.add(name.asText());
    }
    if (splits.isEmpty()) {
      throw new BadInputException(file + ": expected \"splits\" with their names, found none.");
    }
    return List.copyOf(splits);
  }

  /**
   * The shards of a split in order, as {@code state.json} lists them.
   *
   * @throws BadInputException if there is no such split, or a shard's path leaves its folder
   */
  public List<Path> shards(String split) {
    if (!splits().contains(split)) {
      throw new BadInputException(
          "%s: has no split \"%s\"; it has %s."
              .formatted(path, split, String.join(", ", splits())));
    }
    Path folder = path.resolve(split).normalize();
    Path state = folder.resolve("state.json");
    var shards = new ArrayList<Path>();
    for (JsonNode file : Json.read(state).path("_data_files")) {
      String name = file.path("filename").asText();
      // A name with a control character is no path at all to Java.
      boolean plain = !name.isEmpty() && name.chars().noneMatch(Character::isISOControl);
      if (!plain || !folder.resolve(name).normalize().startsWith(folder)) {
        throw new BadInputException(
            "%s: expected a file within %s, found \"%s\".".formatted(state, folder, name));
      }
      shards.add(folder.resolve(name).normalize());
    }
    if (shards.isEmpty()) {
      throw new BadInputException(state + ": expected \"_data_files\", found none.");
    }
    return List.copyOf(shards);
  }

  /**
   * The rows of a split in order. The caller closes the returned iterator.
   *
   * @throws BadInputException here or while iterating, if a shard is missing, cut off or lacks a
   *     column, or a row breaks a rule; file and row are named
   */
  public CloseableIterator<TokenRow> rows(String split) {
    return new ArrowRows<>(shards(split), TokenColumns::of);
  }

  /**
   * A tokenised pair of answers to one prompt, the better and the worse.
   *
   * @param row index within the split, from 0
   */
  public record TokenPair(long row, TokenRow chosen, TokenRow rejected) {}

  /** A tokenised answer that somebody labelled good or bad. */
  public record LabelledRow(TokenRow tokens, boolean good) {}

  /**
   * The pairs of a split in order; otherwise as {@link #rows}.
   *
   * @throws BadInputException also if the rows are no pairs
   */
  public CloseableIterator<TokenPair> pairs(String split) {
    return new ArrowRows<>(
        shards(split),
        (root, file) -> {
          TokenColumns chosen = TokenColumns.of(root, file);
          TokenColumns rejected = TokenColumns.of(root, file, REJECTED);
          return (index, row) ->
              new TokenPair(row, chosen.row(index, row), rejected.row(index, row));
        });
  }

  /**
   * The labelled answers of a split in order; otherwise as {@link #rows}.
   *
   * @throws BadInputException also if the rows have no labels
   */
  public CloseableIterator<LabelledRow> labelledRows(String split) {
    return new ArrowRows<>(
        shards(split),
        (root, file) -> {
          TokenColumns tokens = TokenColumns.of(root, file);
          BitVector good = TokenColumns.column(root, file, LABEL, BitVector.class, "bool");
          return (index, row) -> {
            if (good.isNull(index)) {
              throw new IllegalArgumentException(LABEL + " is null");
            }
            return new LabelledRow(tokens.row(index, row), good.get(index) == 1);
          };
        });
  }

  /**
   * The rows of a split in order, every column as JSON, for people to look at. The caller closes
   * the returned iterator.
   */
  public CloseableIterator<JsonNode> jsonRows(String split) {
    return new ArrowRows<>(shards(split), JsonColumns::of);
  }

  /** Number of rows of a split, counted in its shards. */
  public long rowCount(String split) {
    return shards(split).stream().mapToLong(ArrowStreamCheck::rows).sum();
  }

  /**
   * The pack plan of a split for rows of {@code length} tokens: columns pack int32, row int64,
   * length int32.
   *
   * @throws BadInputException if there is no plan for that length, or a pack is longer
   */
  public List<Pack> packs(String split, int length) {
    Path file = path.resolve(split).resolve(packsFile(length));
    if (!Files.exists(file)) {
      throw new BadInputException(
          "%s: expected a pack plan for rows of %d tokens, found none; there are plans for %s. Make one with: whetstone packs %s --length %d."
              .formatted(file, length, packLengths(split), path, length));
    }
    return PackPlan.read(file, length);
  }

  /** The lengths that there is a pack plan for, rising. */
  public List<Integer> packLengths(String split) {
    Path folder = path.resolve(split);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("packs-\\d{1,9}\\.arrow"))
          .map(name -> Integer.valueOf(name.replaceAll("\\D", "")))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw InputFile.unreadable(folder, "a folder", e);
    }
  }

  /** Files of dropped rows, by name; none for a dataset that has none. */
  public List<Path> droppedFiles() {
    Path dropped = path.resolve("dropped");
    if (!Files.isDirectory(dropped)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(dropped)) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    } catch (IOException e) {
      throw InputFile.unreadable(dropped, "a folder of dropped rows", e);
    }
  }

  /** The file of clusters of duplicates, where there is one. */
  public Optional<Path> clusterFile() {
    Path file = path.resolve(CLUSTERS);
    return Files.exists(file) ? Optional.of(file) : Optional.empty();
  }

  /**
   * The benchmark items that were found in the rows, dropped ones too; empty where none were looked
   * for or none found, which {@link #checkedTasks} tells.
   *
   * @throws BadInputException if a line is no such item, or the file is missing though tasks were
   *     checked
   */
  public List<ContaminatedItem> contamination() {
    return checkedTasks().isEmpty()
        ? List.of()
        : JsonLines.read(path.resolve(CONTAMINATION), ContaminatedItem.class);
  }

  /** The benchmarks whose items were looked for, by name; none where the recipe names no items. */
  public Map<String, CheckedTask> checkedTasks() {
    JsonNode counts = manifest.counts().path("contamination");
    try {
      return counts.isMissingNode()
          ? Map.of()
          : Json.mapper()
              .convertValue(counts, new TypeReference<TreeMap<String, CheckedTask>>() {});
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "%s: counts.contamination: expected counts of checked tasks, found %s"
              .formatted(path.resolve(Manifest.FILE), counts),
          e);
    }
  }

  /** An iterator that holds native memory until it is closed. */
  public interface CloseableIterator<T> extends Iterator<T>, AutoCloseable {
    @Override
    void close();
  }
}
