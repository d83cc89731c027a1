package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.datasets.split.RowOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * What the driver learns of a split: no row, only their number, their lengths and hashes over
 * ranges of them.
 *
 * @param rows of the split
 * @param lengths tokens of each row in order, [rows]; empty without a model
 * @param targets tokens that the loss is computed on
 * @param content hash of the rows in order
 */
record SplitSummary(String split, long rows, int[] lengths, long targets, String content) {
  private static final StructType RANGE =
      StructType.fromDDL(
          "split STRING, row_range INT, n INT, lengths ARRAY<INT>, targets BIGINT, digest STRING");

  long tokens() {
    return Arrays.stream(lengths).asLongStream().sum();
  }

  /**
   * Summaries of both splits.
   *
   * @param placed of {@link RowColumns#TOKENISED}
   * @param partitions tasks that work on it
   */
  static Map<String, SplitSummary> of(Dataset<Row> placed, int partitions) {
    MapPartitionsFunction<Row, Row> ranges = Ranges::new;
    Map<String, List<Row>> bySplit = new TreeMap<>();
    bySplit.put(RowOrder.TRAIN, new ArrayList<>());
    bySplit.put(RowOrder.VALIDATION, new ArrayList<>());
    // Only what the summaries need is shuffled.
    Dataset<Row> small =
        placed
            .where(col("reason").isNull())
            .select(
                "split", "row_range", "length", "targets", "digest", "row_order", "id", "position");
    InOrder.of(small, partitions)
        .mapPartitions(ranges, Encoders.row(RANGE))
        .collectAsList()
        .forEach(range -> bySplit.get(range.getString(0)).add(range));
    Map<String, SplitSummary> summaries = new TreeMap<>();
    bySplit.forEach((split, found) -> summaries.put(split, summary(split, found)));
    return summaries;
  }

  private static SplitSummary summary(String split, List<Row> ranges) {
    ranges.sort(Comparator.comparingInt(range -> range.getInt(1)));
    var hash = ContentHash.of("dataset-split/1").add(split);
    var lengths = new ArrayList<Integer>();
    long rows = 0;
    long targets = 0;
    for (Row range : ranges) {
      hash.add(range.getInt(1)).add(range.getInt(2)).add(range.getString(5));
      rows += range.getInt(2);
      targets += range.getLong(4);
      lengths.addAll(range.<Integer>getList(3));
    }
    return new SplitSummary(
        split,
        rows,
        lengths.stream().mapToInt(Integer::intValue).toArray(),
        targets,
        hash.finish());
  }

  /** Rows sorted by split and place, turned into one row per range. */
  private static final class Ranges implements Iterator<Row> {
    private final Iterator<Row> rows;
    private Row next;

    Ranges(Iterator<Row> rows) {
      this.rows = rows;
      this.next = rows.hasNext() ? rows.next() : null;
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Row next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      String split = next.getString(0);
      int range = next.getInt(1);
      var hash = ContentHash.of("dataset-range/1");
      List<Integer> lengths = new ArrayList<>();
      int rowCount = 0;
      long targets = 0;
      while (next != null && next.getString(0).equals(split) && next.getInt(1) == range) {
        hash.add(next.getString(4));
        if (!next.isNullAt(2)) {
          lengths.add(next.getInt(2));
        }
        rowCount++;
        targets += next.getInt(3);
        next = rows.hasNext() ? rows.next() : null;
      }
      return RowFactory.create(
          split, range, rowCount, lengths.toArray(Integer[]::new), targets, hash.finish());
    }
  }
}
