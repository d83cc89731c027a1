package dev.whetstone.datasets.pack;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder.Pack;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenRow;
import java.util.Arrays;
import java.util.List;

/** Pack plans of a finished dataset, for whatever length, from the tokens that it holds. */
public final class PackPlans {
  private PackPlans() {}

  /**
   * Tokens of each row of a split, [rows]; memory: 4 bytes a row.
   *
   * @throws BadInputException if the dataset was prepared without a model
   */
  public static int[] lengths(DatasetFolder dataset, String split) {
    int[] lengths = new int[1024];
    int rows = 0;
    try (var all = dataset.rows(split)) {
      while (all.hasNext()) {
        TokenRow row = all.next();
        if (rows == lengths.length) {
          lengths = Arrays.copyOf(lengths, 2 * rows);
        }
        lengths[rows++] = row.inputIds().length;
      }
    }
    return Arrays.copyOf(lengths, rows);
  }

  /**
   * The plan for packs of {@code length} tokens: the one that lies beside the rows, else a new one.
   *
   * @throws BadInputException if a row is longer, since a plan holds every row once
   */
  public static List<Pack> of(DatasetFolder dataset, String split, int length) {
    return dataset.packLengths(split).contains(length)
        ? dataset.packs(split, length)
        : plan(dataset, split, lengths(dataset, split), length).stream()
            .map(pack -> new Pack(Arrays.stream(pack).asLongStream().boxed().toList()))
            .toList();
  }

  /**
   * A new plan: the rows of each pack.
   *
   * @throws BadInputException if a row is longer, since a plan holds every row once
   */
  public static List<int[]> plan(DatasetFolder dataset, String split, int[] lengths, int length) {
    int longest = Arrays.stream(lengths).max().orElse(0);
    if (longest > length) {
      throw new BadInputException(
          "%s, split %s: expected rows of at most %d tokens for packs of that length, found %,d longer ones, the longest of %,d tokens; choose a length of %d or more, or prepare with max_length: %d, where too_long says what becomes of longer rows."
              .formatted(
                  dataset.path(),
                  split,
                  length,
                  Arrays.stream(lengths).filter(tokens -> tokens > length).count(),
                  longest,
                  longest,
                  length));
    }
    return FewestPacks.of(lengths, length);
  }
}
