package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * Connected components by alternating large-star and small-star (Kiveris and others, "Connected
 * Components in MapReduce and Beyond", SoCC 2014, section 3), in data frames: every node ends up
 * with an edge to the least of its component. Rounds grow with the square of the logarithm of the
 * number of nodes; the driver sees two numbers a round.
 */
final class Components {
  private Components() {}

  /**
   * @param edges low, high: two nodes each, in any order, not equal
   * @return position, kept: every node but the least of its component, and that one
   */
  static Dataset<Row> of(Dataset<Row> edges) {
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
