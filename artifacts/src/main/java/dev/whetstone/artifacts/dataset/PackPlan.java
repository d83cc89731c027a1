package dev.whetstone.artifacts.dataset;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.dataset.DatasetFolder.Pack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Reads a pack plan: which rows are laid end to end. */
final class PackPlan {
  private PackPlan() {}

  /** One line of the plan. */
  private record Entry(int pack, long row, int length) {}

  private record Columns(IntVector packs, BigIntVector rows, IntVector lengths)
      implements ArrowRows.Columns<Entry> {
    static Columns of(VectorSchemaRoot root, Path file) {
      return new Columns(
          TokenColumns.column(root, file, DatasetFolder.PACK, IntVector.class, "int32"),
          TokenColumns.column(root, file, DatasetFolder.PACKED_ROW, BigIntVector.class, "int64"),
          TokenColumns.column(root, file, DatasetFolder.PACKED_LENGTH, IntVector.class, "int32"));
    }

    @Override
    public Entry row(int index, long row) {
      if (packs.isNull(index) || rows.isNull(index) || lengths.isNull(index)) {
        throw new IllegalArgumentException("a value is null");
      }
      var entry = new Entry(packs.get(index), rows.get(index), lengths.get(index));
      if (entry.row < 0 || entry.length < 1) {
        throw new IllegalArgumentException(
            "row is %d and length %d; expected row >= 0, length >= 1"
                .formatted(entry.row, entry.length));
      }
      return entry;
    }
  }

  static List<Pack> read(Path file, int length) {
    var packs = new ArrayList<Pack>();
    try (var entries = new ArrowRows<>(List.of(file), Columns::of)) {
      var rows = new ArrayList<Long>();
      long tokens = 0;
      int pack = 0;
      while (entries.hasNext()) {
        Entry entry = entries.next();
        if (entry.pack == pack + 1 && !rows.isEmpty()) {
          packs.add(new Pack(rows));
          rows.clear();
          tokens = 0;
          pack++;
        }
        tokens += entry.length;
        if (entry.pack != pack || tokens > length) {
          throw new BadInputException(
              ("%s: row %d is in pack %d after pack %d, which then has %d tokens;"
                      + " expected packs in order, at most %d tokens each. Prepare the dataset"
                      + " again.")
                  .formatted(file, entry.row, entry.pack, pack, tokens, length));
        }
        rows.add(entry.row);
      }
      if (!rows.isEmpty()) {
        packs.add(new Pack(rows));
      }
    }
    return List.copyOf(packs);
  }
}
