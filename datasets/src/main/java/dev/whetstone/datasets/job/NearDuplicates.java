package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.whetstone.datasets.PrepareConfig.Near;
import dev.whetstone.datasets.dedup.MinHash;
import dev.whetstone.datasets.dedup.Shingles;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Near duplicates: rows whose shingles have a Jaccard similarity of at least the threshold, and
 * rows that a chain of such pairs links. Of each cluster the first row stays.
 *
 * <p>Only hashes are shuffled, and nothing is collected: bands of MinHash values find candidates,
 * true Jaccard decides, connected components ({@link Components}) make clusters. Within a band that
 * many rows share, each is compared with the first and with the {@link #NEIGHBOURS} before it.
 */
final class NearDuplicates {
  /** Bounds the pairs of a band that n rows share to n (NEIGHBOURS + 1). */
  static final int NEIGHBOURS = 16;

  private static final StructType SKETCH =
      StructType.fromDDL("position BIGINT, shingles ARRAY<BIGINT>");
  private static final StructType BAND = StructType.fromDDL("band BIGINT, position BIGINT");
  private static final StructType PAIR = StructType.fromDDL("low BIGINT, high BIGINT");
  private static final StructType EDGE =
      StructType.fromDDL("low BIGINT, high BIGINT, jaccard DOUBLE");

  private NearDuplicates() {}

  /**
   * Verdicts on the rows that go.
   *
   * @param rows of {@link RowColumns#READ}, alive
   * @return position, kept (position of the row that stays), via (position of the most similar row
   *     of the cluster, the kept one where it is similar itself), jaccard (with that one)
   */
  static Dataset<Row> find(Dataset<Row> rows, Near near, long seed) {
    int width = near.shingle();
    double threshold = near.threshold();
    MapFunction<Row, Row> sketch =
        row ->
            RowFactory.create(
                row.getAs(RowColumns.POSITION),
                boxed(Shingles.of(RowColumns.conversation(row), width)));
    Dataset<Row> sketches =
        rows.map(sketch, Encoders.row(SKETCH)).persist(StorageLevel.MEMORY_AND_DISK());

    MapPartitionsFunction<Row, Row> bands = part -> bands(part, new MinHash(seed));
    MapPartitionsFunction<Row, Row> pairs = CandidatePairs::new;
    Dataset<Row> candidates =
        sketches
            .mapPartitions(bands, Encoders.row(BAND))
            .repartition(col("band"))
            .sortWithinPartitions("band", "position")
            .mapPartitions(pairs, Encoders.row(PAIR))
            .distinct();

    Dataset<Row> low = sketches.toDF("low", "low_shingles");
    Dataset<Row> high = sketches.toDF("high", "high_shingles");
    FlatMapFunction<Row, Row> verify = row -> verified(row, threshold);
    Dataset<Row> edges =
        candidates
            .join(low, "low")
            .join(high, "high")
            .select("low", "high", "low_shingles", "high_shingles")
            .flatMap(verify, Encoders.row(EDGE))
            .persist(StorageLevel.MEMORY_AND_DISK());
    edges.count();
    sketches.unpersist();
    Dataset<Row> clusters = Components.of(edges.select("low", "high"));

    Dataset<Row> neighbours =
        edges
            .select(col("low").as("position"), col("high").as("via"), col("jaccard"))
            .union(edges.select(col("high"), col("low"), col("jaccard")));
    return clusters
        .join(neighbours, "position")
        .groupBy("position", "kept")
        .agg(
            max(when(col("via").equalTo(col("kept")), col("jaccard"))).as("direct"),
            max(struct(col("jaccard"), col("via"))).as("best"))
        .select(
            col("position"),
            col("kept"),
            when(col("direct").isNotNull(), col("kept")).otherwise(col("best.via")).as("via"),
            when(col("direct").isNotNull(), col("direct"))
                .otherwise(col("best.jaccard"))
                .as("jaccard"));
  }

  private static Iterator<Row> bands(Iterator<Row> sketches, MinHash minHash) {
    return new FlatIterator<>(
        sketches,
        sketch -> {
          long[] bands = minHash.bands(unboxed(sketch.getList(1)));
          return Arrays.stream(bands)
              .mapToObj(band -> RowFactory.create(band, sketch.getLong(0)))
              .iterator();
        });
  }

  private static Iterator<Row> verified(Row pair, double threshold) {
    double jaccard = Shingles.jaccard(unboxed(pair.getList(2)), unboxed(pair.getList(3)));
    return jaccard >= threshold
        ? List.of(RowFactory.create(pair.get(0), pair.get(1), jaccard)).iterator()
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
