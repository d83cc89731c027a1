package dev.whetstone.training.plan;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder.Pack;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenRow;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A split's packs in memory, in the plan's order. Int arrays of a million rows of 300 tokens are
 * 2.4 GB; larger sets want a reader that seeks, which nobody has needed yet.
 *
 * @param packs never empty
 * @param length tokens that a pack can hold
 */
public record TrainingRows(List<TrainingPack> packs, int length) {
  public TrainingRows {
    packs = List.copyOf(packs);
  }

  /**
   * A pack.
   *
   * @param row its documents end to end
   * @param weights what each of its targets counts in the loss, [N]
   * @param ids of the documents
   */
  public record TrainingPack(PackedRow row, double[] weights, List<String> ids) {
    public TrainingPack {
      ids = List.copyOf(ids);
    }

    public int targets() {
      return weights.length;
    }

    /** Packs end to end: their documents see one another no more than those of one pack. */
    public static TrainingPack join(List<TrainingPack> packs) {
      if (packs.size() == 1) {
        return packs.get(0);
      }
      return new TrainingPack(
          new PackedRow(
              ints(packs, pack -> pack.row.tokens()),
              ints(packs, pack -> pack.row.labels()),
              ints(packs, pack -> pack.row.lengths())),
          packs.stream().flatMapToDouble(pack -> Arrays.stream(pack.weights)).toArray(),
          packs.stream().flatMap(pack -> pack.ids.stream()).toList());
    }

    private static int[] ints(List<TrainingPack> packs, Function<TrainingPack, int[]> of) {
      return packs.stream().flatMapToInt(pack -> Arrays.stream(of.apply(pack))).toArray();
    }
  }

  /**
   * Reads a split.
   *
   * @param wantedLength which pack plan; 0 for the only one
   * @param lossOnAll every token is a target and counts 1, whatever the dataset says
   */
  public static TrainingRows read(
      DatasetFolder dataset, String split, int wantedLength, boolean lossOnAll) {
    List<Integer> lengths = dataset.packLengths(split);
    if (wantedLength == 0 && lengths.size() != 1) {
      throw new BadInputException(
          "%s: expected one pack plan in %s, found %s; %s."
              .formatted(
                  dataset.path(),
                  split,
                  lengths,
                  lengths.isEmpty()
                      ? "prepare the dataset with a model"
                      : "name one with train.pack_length"));
    }
    int length = wantedLength == 0 ? lengths.get(0) : wantedLength;
    if (!lengths.contains(length)) {
      throw new BadInputException(
          "%s: no pack plan of length %d in %s, found %s; make one with: whetstone packs %s --length %d."
              .formatted(dataset.path(), length, split, lengths, dataset.path(), length));
    }
    var rows = new ArrayList<TokenRow>();
    try (var iterator = dataset.rows(split)) {
      iterator.forEachRemaining(rows::add);
    }
    var packs = new ArrayList<TrainingPack>();
    for (Pack pack : dataset.packs(split, length)) {
      for (long row : pack.rows()) {
        if (row < 0 || row >= rows.size()) {
          throw new BadInputException(
              "%s: the pack plan of %s names row %d of %d; prepare the dataset again."
                  .formatted(dataset.path(), split, row, rows.size()));
        }
      }
      packs.add(packed(pack, rows, lossOnAll));
    }
    if (packs.isEmpty()) {
      throw new BadInputException(
          "%s: the split %s has no rows to train on.".formatted(dataset.path(), split));
    }
    return new TrainingRows(packs, length);
  }

  private static TrainingPack packed(Pack pack, List<TokenRow> rows, boolean lossOnAll) {
    int total =
        pack.rows().stream()
            .mapToInt(row -> rows.get(Math.toIntExact(row)).inputIds().length)
            .sum();
    int[] tokens = new int[total];
    int[] labels = new int[total];
    double[] weights = new double[total]; // of all places, until the targets are known
    Arrays.fill(weights, 1);
    int[] lengths = new int[pack.rows().size()];
    var ids = new ArrayList<String>();
    int at = 0;
    for (int document = 0; document < lengths.length; document++) {
      TokenRow row = rows.get(Math.toIntExact(pack.rows().get(document)));
      lengths[document] = row.inputIds().length;
      System.arraycopy(row.inputIds(), 0, tokens, at, lengths[document]);
      System.arraycopy(lossOnAll ? row.inputIds() : row.labels(), 0, labels, at, lengths[document]);
      if (!lossOnAll && row.weights().isPresent()) {
        float[] own = row.weights().get();
        for (int i = 0; i < own.length; i++) {
          weights[at + i] = own[i];
        }
      }
      at += lengths[document];
      ids.add(row.id());
    }
    var packed = new PackedRow(tokens, labels, lengths);
    return new TrainingPack(
        packed, Arrays.stream(packed.targets()).mapToDouble(t -> weights[t]).toArray(), ids);
  }

  public long tokens() {
    return packs.stream().mapToLong(pack -> pack.row().tokens().length).sum();
  }
}
