package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import dev.whetstone.datasets.dedup.UnionFind;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.StructType;

/**
 * Connected components by alternating large-star and small-star (Kiveris and others, "Connected
 * Components in MapReduce and Beyond", SoCC 2014, section 3), in data frames: every node ends up
 * with an edge to the least of its component. Rounds grow with the square of the logarithm of the
 * number of nodes; the driver sees two numbers a round. Few edges are joined by one task in memory
 * instead ({@link UnionFind}): rounds over them would be nearly all overhead.
 */
final class Components {
  /** Some 100 MB in the task that joins them. */
  static final long EDGES_OF_ONE_TASK = 1_000_000;

  private static final StructType ROOT = StructType.fromDDL("position BIGINT, kept BIGINT");

  private Components() {}

  /** As {@link #of(Dataset, long)} with {@link #EDGES_OF_ONE_TASK}. */
  static Dataset<Row> of(Dataset<Row> edges) {
    return of(edges, EDGES_OF_ONE_TASK);
  }

  /**
   * @param edges low, high: two nodes each, in any order, not equal
   * @param ofOneTask up to so many edges are joined by one task
   * @return position, kept: every node but the least of its component, and that one
   */
  static Dataset<Row> of(Dataset<Row> edges, long ofOneTask) {
    if (edges.limit((int) Math.min(ofOneTask + 1, Integer.MAX_VALUE)).count() <= ofOneTask) {
      MapPartitionsFunction<Row, Row> join = Components::joined;
      return edges.coalesce(1).mapPartitions(join, Encoders.row(ROOT)).localCheckpoint();
    }
    Dataset<Row> stars =
        edges
            .select(
                greatest(col("low"), col("high")).as("position"),
                least(col("low"), col("high")).as("kept"))
            .distinct()
            .localCheckpoint();
    Row before = fingerprint(stars);
    while (true) {
      Dataset<Row> next = smallStar(largeStar(stars)).localCheckpoint();
      Row after = fingerprint(next);
      if (after.equals(before)) {
        return next;
      }
      stars = next;
      before = after;
    }
  }

  private static Iterator<Row> joined(Iterator<Row> edges) {
    var components = new UnionFind();
    edges.forEachRemaining(edge -> components.join(edge.getLong(0), edge.getLong(1)));
    return components.roots().entrySet().stream()
        .filter(root -> !root.getKey().equals(root.getValue()))
        .map(root -> RowFactory.create(root.getKey(), root.getValue()))
        .iterator();
  }

  /** Larger neighbours of each node are linked to the least of its neighbours and itself. */
  private static Dataset<Row> largeStar(Dataset<Row> edges) {
    Dataset<Row> both =
        edges
            .select(col("position").as("node"), col("kept").as("other"))
            .union(edges.select(col("kept").as("node"), col("position").as("other")));
    Column least = least(col("node"), min("other").over(Window.partitionBy("node")));
    return both.withColumn("least", least)
        .where(col("other").gt(col("node")))
        .select(col("other").as("position"), col("least").as("kept"))
        .distinct();
  }

  /** Each node and its smaller neighbours are linked to the least of them. */
  private static Dataset<Row> smallStar(Dataset<Row> edges) {
    Column least = min("kept").over(Window.partitionBy("position"));
    Dataset<Row> withLeast = edges.withColumn("least", least);
    return withLeast
        .select(col("position"), col("least").as("kept"))
        .union(withLeast.select(col("kept").as("position"), col("least").as("kept")))
        .where(col("position").notEqual(col("kept")))
        .distinct();
  }

  /** Equal for equal sets of edges: their number and the sum of their hashes. */
  private static Row fingerprint(Dataset<Row> edges) {
    return edges
        .agg(
            count(lit(1)),
            // As a decimal, for sums of hashes overflow a long.
            sum(xxhash64(col("position"), col("kept")).cast("decimal(20,0)")))
        .first();
  }
}
