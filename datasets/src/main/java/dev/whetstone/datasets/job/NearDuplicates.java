package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.whetstone.datasets.PrepareConfig.Near;
import dev.whetstone.datasets.dedup.Clusters;
import dev.whetstone.datasets.dedup.MinHash;
import dev.whetstone.datasets.dedup.Shingles;
import dev.whetstone.datasets.rows.DropReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
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
 * Near duplicates: rows whose shingles have a Jaccard similarity of at least the threshold, and
 * rows that a chain of such pairs links. Of each cluster the first row stays.
 *
 * <p>Only hashes and ids are shuffled: bands of MinHash values find candidates, true Jaccard
 * decides, connected components make clusters, on the driver if there are at most {@link
 * #PAIRS_ON_DRIVER} pairs ({@link Clusters}), else on the executors ({@link Components}). Within a
 * band that many rows share, each is compared with the first and with the {@link #NEIGHBOURS}
 * before it.
 */
final class NearDuplicates {
  /**
   * Candidates are compared by their true Jaccard similarity, so a false one costs time and nothing
   * else, while a missed one is a duplicate that stays. Hence more and shorter bands than
   * datatrove's 14 of 8 (dedup/minhash.py:51-57), of about as many hashes: a pair at similarity 0.8
   * is found with probability 0.9998 where theirs finds 0.924, one at 0.5 with 0.50 (theirs 0.05).
   */
  private static final int BANDS = 22;

  private static final int ROWS = 5;

  /** Bounds the pairs of a band that n rows share to n (NEIGHBOURS + 1). */
  static final int NEIGHBOURS = 16;

  /** Some 20 MB; rounds of a distributed algorithm over so few pairs are nearly all overhead. */
  static final int PAIRS_ON_DRIVER = 100_000;

  private static final StructType SKETCH =
      StructType.fromDDL("position BIGINT, id STRING, shingles ARRAY<BIGINT>");
  private static final StructType BAND = StructType.fromDDL("band BIGINT, position BIGINT");
  private static final StructType PAIR = StructType.fromDDL("low BIGINT, high BIGINT");
  private static final StructType EDGE =
      StructType.fromDDL("low BIGINT, low_id STRING, high BIGINT, high_id STRING, jaccard DOUBLE");
  private static final StructType VERDICT =
      StructType.fromDDL("position BIGINT, reason STRING, detail STRING, kept BIGINT");

  private NearDuplicates() {}

  /**
   * Verdicts on the rows that go.
   *
   * @param rows of {@link RowColumns#READ}, alive
   * @param pairsOnDriver see {@link #PAIRS_ON_DRIVER}
   * @return position, reason, detail, kept (position of the row that stays)
   */
  static Dataset<Row> find(Dataset<Row> rows, Near near, long seed, int pairsOnDriver) {
    Dataset<Row> edges = edges(rows, near, seed).persist(StorageLevel.MEMORY_AND_DISK());
    List<Row> few = edges.limit(pairsOnDriver + 1).collectAsList();
    if (few.size() > pairsOnDriver) {
      return distributed(edges);
    }
    List<Clusters.Pair> pairs =
        few.stream()
            .map(
                e ->
                    new Clusters.Pair(
                        e.getLong(0), e.getString(1), e.getLong(2), e.getString(3), e.getDouble(4)))
            .toList();
    List<Row> verdicts =
        Clusters.of(pairs).stream()
            .map(
                g ->
                    RowFactory.create(
                        g.position(), DropReason.NEAR_DUPLICATE.key(), g.detail(), g.kept()))
            .toList();
    edges.unpersist();
    return rows.sparkSession().createDataFrame(verdicts, VERDICT);
  }

  private static Dataset<Row> edges(Dataset<Row> rows, Near near, long seed) {
    int width = near.shingle();
    double threshold = near.threshold();
    MapFunction<Row, Row> sketch =
        row ->
            RowFactory.create(
                row.getAs(RowColumns.POSITION),
                row.getAs(RowColumns.ID),
                boxed(Shingles.of(RowColumns.conversation(row), width)));
    Dataset<Row> sketches =
        rows.map(sketch, Encoders.row(SKETCH)).persist(StorageLevel.MEMORY_AND_DISK());
    MapPartitionsFunction<Row, Row> bands = part -> bands(part, new MinHash(seed, BANDS, ROWS));
    MapPartitionsFunction<Row, Row> pairs = CandidatePairs::new;
    Dataset<Row> candidates =
        sketches
            .mapPartitions(bands, Encoders.row(BAND))
            .repartition(col("band"))
            .sortWithinPartitions("band", "position")
            .mapPartitions(pairs, Encoders.row(PAIR))
            .distinct();
    FlatMapFunction<Row, Row> verify = row -> verified(row, threshold);
    return candidates
        .join(sketches.toDF("low", "low_id", "low_shingles"), "low")
        .join(sketches.toDF("high", "high_id", "high_shingles"), "high")
        .select("low", "low_id", "high", "high_id", "low_shingles", "high_shingles")
        .flatMap(verify, Encoders.row(EDGE));
  }

  /** As {@link Clusters}, for any number of pairs; the driver sees two numbers a round. */
  private static Dataset<Row> distributed(Dataset<Row> edges) {
    Dataset<Row> neighbours =
        edges
            .selectExpr("low AS position", "high AS via", "high_id AS via_id", "jaccard")
            .union(edges.selectExpr("high", "low", "low_id", "jaccard"));
    // A pair with the row that stays beats all others; of the rest the most similar one.
    Column direct = col("via").equalTo(col("kept"));
    Dataset<Row> best =
        Components.of(edges.select("low", "high"))
            .join(neighbours, "position")
            .groupBy("position", "kept")
            .agg(
                max(struct(
                        direct.as("direct"),
                        col("jaccard"),
                        functions.negate(col("via")), // of equal ones the earlier row
                        col("via_id")))
                    .as("best"));
    Dataset<Row> ids =
        edges
            .selectExpr("low AS kept", "low_id AS kept_id")
            .union(edges.selectExpr("high", "high_id"))
            .distinct();
    return best.join(ids, "kept")
        .select(
            col("position"),
            lit(DropReason.NEAR_DUPLICATE.key()).as("reason"),
            when(
                    col("best.direct"),
                    format_string("near %s, Jaccard %.3f", col("kept_id"), col("best.jaccard")))
                .otherwise(
                    format_string(
                        "in a cluster with %s, by way of %s, Jaccard %.3f",
                        col("kept_id"), col("best.via_id"), col("best.jaccard")))
                .as("detail"),
            col("kept"));
  }

  private static Iterator<Row> bands(Iterator<Row> sketches, MinHash minHash) {
    return new FlatIterator<>(
        sketches,
        sketch -> {
          long[] bands = minHash.bands(unboxed(sketch.getList(2)));
          return Arrays.stream(bands)
              .mapToObj(band -> RowFactory.create(band, sketch.getLong(0)))
              .iterator();
        });
  }

  private static Iterator<Row> verified(Row pair, double threshold) {
    double jaccard = Shingles.jaccard(unboxed(pair.getList(4)), unboxed(pair.getList(5)));
    return jaccard >= threshold
        ? List.of(RowFactory.create(pair.get(0), pair.get(1), pair.get(2), pair.get(3), jaccard))
            .iterator()
        : List.<Row>of().iterator();
  }

  private static Long[] boxed(long[] values) {
    return Arrays.stream(values).boxed().toArray(Long[]::new);
  }

  private static long[] unboxed(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  /** Pairs of rows out of rows sorted by band: memory is a window, whatever the band's size. */
  private static final class CandidatePairs implements Iterator<Row> {
    private final FlatIterator<Row, Row> pairs;
    private final ArrayDeque<Long> window = new ArrayDeque<>();
    private long band;
    private long first = -1;

    CandidatePairs(Iterator<Row> bands) {
      this.pairs = new FlatIterator<>(bands, this::pairsOf);
    }

    private Iterator<Row> pairsOf(Row row) {
      long position = row.getLong(1);
      if (first < 0 || row.getLong(0) != band) {
        band = row.getLong(0);
        first = position;
        window.clear();
      }
      List<Row> found = new ArrayList<>();
      if (!window.isEmpty() && window.peekFirst() != first) {
        found.add(RowFactory.create(first, position));
      }
      window.forEach(earlier -> found.add(RowFactory.create(earlier, position)));
      window.addLast(position);
      if (window.size() > NEIGHBOURS) {
        window.removeFirst();
      }
      return found.iterator();
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
