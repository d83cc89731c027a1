package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;

import dev.whetstone.datasets.PrepareConfig.Near;
import dev.whetstone.datasets.dedup.Compared;
import dev.whetstone.datasets.dedup.Hash64;
import dev.whetstone.datasets.dedup.MinHash;
import dev.whetstone.datasets.dedup.Shingles;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Pairs of rows whose shingles have a Jaccard similarity of at least a threshold. Bands of MinHash
 * values find candidates, for which only numbers are shuffled; shingles are made and compared of
 * candidates alone. Within a band that many rows share, each is compared with the first and with
 * the {@link #NEIGHBOURS} before it.
 *
 * @param edges low, high, jaccard: each pair once, low before high
 * @param shingles position, shingles (64-bit numbers, ascending, as bytes) of all candidates
 */
record NearPairs(Dataset<Row> edges, Dataset<Row> shingles) {
  /** Bounds the pairs of a band that n rows share to n (NEIGHBOURS + 1). */
  static final int NEIGHBOURS = 16;

  /** All columns that are asked for are unpacked. */
  private static final Column[] COMPARED =
      Stream.concat(RowColumns.SAID.stream(), Stream.of(RowColumns.POSITION, RowColumns.TEXT_HASH))
          .map(functions::col)
          .toArray(Column[]::new);

  private static final StructType BAND =
      StructType.fromDDL("band BIGINT, place BIGINT, position BIGINT");
  private static final StructType PAIR = StructType.fromDDL("low BIGINT, high BIGINT");
  private static final StructType SKETCH = StructType.fromDDL("position BIGINT, shingles BINARY");
  private static final StructType SIMILARITY =
      StructType.fromDDL("cluster BIGINT, low BIGINT, high BIGINT, jaccard DOUBLE");

  /**
   * Pairs among {@code rows}.
   *
   * @param rows of {@link RowColumns#READ}, alive
   */
  static NearPairs of(Dataset<Row> rows, Near near, Compared by, long seed) {
    Dataset<Row> said = rows.select(COMPARED);
    int width = near.shingle();
    int bandCount = near.bands();
    int rowsOfBand = near.rows();
    MapPartitionsFunction<Row, Row> bands =
        part -> {
          var minHash = new MinHash(seed, bandCount, rowsOfBand);
          return new FlatIterator<>(
              part, row -> bands(row, Shingles.inOrder(text(row, by), width), minHash));
        };
    MapPartitionsFunction<Row, Row> pairs = CandidatePairs::new;
    Dataset<Row> candidates =
        said.mapPartitions(bands, Encoders.row(BAND))
            .repartition(col("band"))
            .sortWithinPartitions("band", "place", "position")
            .mapPartitions(pairs, Encoders.row(PAIR))
            .distinct()
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> involved =
        candidates.selectExpr("low AS position").union(candidates.selectExpr("high")).distinct();
    MapFunction<Row, Row> sketch =
        row ->
            RowFactory.create(
                row.getAs(RowColumns.POSITION), bytes(Shingles.of(text(row, by), width)));
    Dataset<Row> shingles =
        said.join(involved, new String[] {"position"}, "left_semi")
            .map(sketch, Encoders.row(SKETCH))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> edges =
        similarities(candidates.selectExpr("0L AS cluster", "low", "high"), shingles)
            .where(col("jaccard").geq(near.threshold()))
            .select("low", "high", "jaccard")
            .persist(StorageLevel.MEMORY_AND_DISK());
    return new NearPairs(edges, shingles);
  }

  /**
   * True similarities.
   *
   * @param pairs cluster, low, high
   * @param shingles as {@link #shingles}
   * @return cluster, low, high, jaccard
   */
  static Dataset<Row> similarities(Dataset<Row> pairs, Dataset<Row> shingles) {
    MapFunction<Row, Row> compare =
        pair ->
            RowFactory.create(
                pair.getLong(0),
                pair.getLong(1),
                pair.getLong(2),
                Shingles.jaccard(numbers(pair.getAs(3)), numbers(pair.getAs(4))));
    return pairs
        .join(shingles.toDF("low", "low_shingles"), "low")
        .join(shingles.toDF("high", "high_shingles"), "high")
        .select("cluster", "low", "high", "low_shingles", "high_shingles")
        .map(compare, Encoders.row(SIMILARITY));
  }

  private static String text(Row row, Compared by) {
    return by.text(RowColumns.conversation(row));
  }

  private static Iterator<Row> bands(Row row, long[] shingles, MinHash minHash) {
    long position = row.getAs(RowColumns.POSITION);
    // Who is compared with whom in a large band must not depend on the order of the sources.
    long place = Hash64.of(row.<String>getAs(RowColumns.TEXT_HASH));
    // Rows that say nothing are not duplicates of one another.
    return shingles.length == 0
        ? Collections.emptyIterator()
        : Arrays.stream(minHash.bands(shingles))
            .mapToObj(band -> RowFactory.create(band, place, position))
            .iterator();
  }

  private static byte[] bytes(long[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Long.BYTES);
    bytes.asLongBuffer().put(numbers);
    return bytes.array();
  }

  private static long[] numbers(byte[] bytes) {
    long[] numbers = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().get(numbers);
    return numbers;
  }

  /** Pairs of rows out of rows sorted by band: memory is a window, whatever the band's size. */
  private static final class CandidatePairs implements Iterator<Row> {
    private final FlatIterator<Row, Row> pairs;
    private final ArrayDeque<Long> window = new ArrayDeque<>();
    private long band;
    private long first;
    private boolean begun;

    CandidatePairs(Iterator<Row> bands) {
      this.pairs = new FlatIterator<>(bands, this::pairsOf);
    }

    private Iterator<Row> pairsOf(Row row) {
      long position = row.getLong(2);
      if (!begun || row.getLong(0) != band) {
        begun = true;
        band = row.getLong(0);
        first = position;
        window.clear();
      }
      List<Row> found = new ArrayList<>();
      if (!window.isEmpty() && window.peekFirst() != first) {
        found.add(pair(first, position));
      }
      window.forEach(earlier -> found.add(pair(earlier, position)));
      window.addLast(position);
      if (window.size() > NEIGHBOURS) {
        window.removeFirst();
      }
      return found.iterator();
    }

    private static Row pair(long one, long other) {
      return RowFactory.create(Math.min(one, other), Math.max(one, other));
    }

    @Override
    public boolean hasNext() {
      return pairs.hasNext();
    }

    @Override
    public Row next() {
      return pairs.next();
    }
  }
}
