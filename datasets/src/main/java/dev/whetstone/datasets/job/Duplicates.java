package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.whetstone.datasets.PrepareConfig.Dedup;
import dev.whetstone.datasets.dedup.Keep;
import dev.whetstone.datasets.rows.DropReason;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Clusters of rows that are the same or nearly the same, and which row of each stays. Nothing of it
 * reaches the driver.
 *
 * <p>Rows of equal text are one node; pairs of nodes whose true Jaccard similarity reaches the
 * threshold are edges ({@link NearPairs}); clusters are connected components ({@link Components}).
 */
final class Duplicates {
  /**
   * Rows of clusters of two and more.
   *
   * <ul>
   *   <li>{@code cluster}: position of its first row
   *   <li>{@code kept}, {@code kept_id}: the row that stays
   *   <li>{@code size}: rows of the cluster
   *   <li>{@code diameter}: how far apart its rows are, as Jaccard distance in 0..1: the greatest
   *       distance from the row that is farthest from the kept one. At least half of the distance
   *       of any two rows, since Jaccard distance obeys the triangle inequality.
   *   <li>{@code jaccard}: similarity to the kept row
   *   <li>{@code reason}, {@code detail}: null for the kept row
   * </ul>
   */
  static final StructType MEMBERS =
      StructType.fromDDL(
          "position BIGINT, cluster BIGINT, kept BIGINT, kept_id STRING, size BIGINT, "
              + "diameter DOUBLE, jaccard DOUBLE, reason STRING, detail STRING");

  private Duplicates() {}

  /**
   * A frame of {@link #MEMBERS}.
   *
   * @param alive rows of {@link RowColumns#READ} that are left, and rows of {@link KnownRows}, of
   *     which only those that stay in the place of another are in the result
   */
  static Dataset<Row> of(Dataset<Row> alive, Dedup dedup, long seed) {
    Dataset<Row> members = ofAll(alive, dedup, seed);
    return dedup.against().isEmpty() ? members : withoutTheKnown(members);
  }

  private static Dataset<Row> withoutTheKnown(Dataset<Row> members) {
    Column newest = max("position").over(Window.partitionBy("cluster"));
    return members
        .withColumn("newest", newest)
        .where(col("newest").geq(0).and(col("position").geq(0).or(stays())))
        .drop("newest");
  }

  private static Dataset<Row> ofAll(Dataset<Row> alive, Dedup dedup, long seed) {
    Column known = col("position").lt(0);
    // Every row with the node that stands for it: the first row of the same text.
    Dataset<Row> nodes =
        alive
            .select(
                col("position"),
                (dedup.exact()
                        ? min("position").over(Window.partitionBy("text_hash"))
                        : col("position"))
                    .as("node"),
                when(known, concat(col("id"), lit(" of "), col("source")))
                    .otherwise(col("id"))
                    .as("id"),
                when(known, lit(Double.POSITIVE_INFINITY)).otherwise(rank(dedup.keep())).as("rank"),
                // Of rows that the rule likes equally well, content decides and not their order.
                xxhash64(col("messages"), col("rejected"), col("tools")).as("content"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> same =
        nodes
            .where(col("position").notEqual(col("node")))
            .select(col("node").as("low"), col("position").as("high"), lit(1.0).as("jaccard"));
    if (!dedup.near().enabled()) {
      return verdicts(nodes, same, nothing(same), same.limit(0));
    }
    Dataset<Row> distinct =
        alive.join(same.select(col("high").as("position")), new String[] {"position"}, "left_anti");
    NearPairs near = NearPairs.of(distinct, dedup.near(), dedup.by(), seed);
    return verdicts(nodes, same.union(near.edges()), near.shingles(), near.edges());
  }

  private static Dataset<Row> nothing(Dataset<Row> edges) {
    return edges.limit(0).selectExpr("low AS position", "CAST(NULL AS BINARY) AS shingles");
  }

  /** What the rule prefers, as a number; the greatest stays. Length is that of the UTF-8. */
  private static Column rank(Keep keep) {
    String said = "aggregate(messages, 0D, (sum, m) -> sum + octet_length(m.content))";
    return switch (keep) {
      case FIRST -> negate(col("position")).cast("double");
      case LONGEST -> expr(said);
      case SHORTEST -> negate(expr(said));
      case QUALITY -> coalesce(expr("CAST(scores.quality AS DOUBLE)"), lit(-1.0));
    };
  }

  private static Dataset<Row> verdicts(
      Dataset<Row> nodes, Dataset<Row> edges, Dataset<Row> shingles, Dataset<Row> nearEdges) {
    if (edges.isEmpty()) { // a dozen joins of nothing take seconds to plan
      return nodes.sparkSession().createDataFrame(List.of(), MEMBERS);
    }
    Dataset<Row> roots = Components.of(edges.select("low", "high"));
    Dataset<Row> least = roots.select(col("kept").as("position"), col("kept").as("cluster"));
    Dataset<Row> members =
        roots
            .select(col("position"), col("kept").as("cluster"))
            .union(least.distinct())
            .join(nodes, "position");
    Dataset<Row> clusters =
        members
            .groupBy("cluster")
            .agg(
                count(lit(1)).as("size"),
                max(struct("rank", "content", "id", "position", "node")).as("best"))
            .select(
                col("cluster"),
                col("size"),
                col("best.position").as("kept"),
                col("best.node").as("kept_node"),
                col("best.id").as("kept_id"));
    Dataset<Row> inClusters =
        members.join(clusters, "cluster").persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> distances =
        distances(inClusters, shingles).persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> diameters = diameters(distances, shingles);
    return inClusters
        .join(distances.select("node", "jaccard"), "node")
        .join(diameters, new String[] {"cluster"}, "left")
        .join(neighbours(nearEdges, nodes), new String[] {"node"}, "left")
        .select(
            col("position"),
            col("cluster"),
            col("kept"),
            col("kept_id"),
            col("size"),
            coalesce(col("diameter"), lit(0.0)).as("diameter"),
            col("jaccard"),
            reason().as("reason"),
            detail().as("detail"));
  }

  /** Of every node of a cluster: node, cluster, jaccard with the kept node. */
  private static Dataset<Row> distances(Dataset<Row> inClusters, Dataset<Row> shingles) {
    Dataset<Row> pairs = inClusters.select("node", "cluster", "kept_node").distinct();
    Dataset<Row> kept = pairs.where(col("node").equalTo(col("kept_node")));
    return kept.select(col("node"), col("cluster"), lit(1.0).as("jaccard"))
        .union(
            NearPairs.similarities(
                    pairs
                        .where(col("node").notEqual(col("kept_node")))
                        .select(col("cluster"), col("node").as("low"), col("kept_node").as("high")),
                    shingles)
                .select(col("low").as("node"), col("cluster"), col("jaccard")));
  }

  /** Of every cluster of two nodes and more: cluster, diameter. */
  private static Dataset<Row> diameters(Dataset<Row> distances, Dataset<Row> shingles) {
    Dataset<Row> farthest =
        distances
            .groupBy("cluster")
            .agg(
                count(lit(1)).as("nodes"),
                max_by(col("node"), struct(negate(col("jaccard")), negate(col("node")).as("order")))
                    .as("far"))
            .where(col("nodes").gt(1));
    return NearPairs.similarities(
            distances
                .join(farthest, "cluster")
                .where(col("node").notEqual(col("far")))
                .select(col("cluster"), col("node").as("low"), col("far").as("high")),
            shingles)
        .groupBy("cluster")
        .agg(max(lit(1.0).minus(col("jaccard"))).as("diameter"));
  }

  /** Of every node with an edge: node, via_id and via_jaccard of the node it is most similar to. */
  private static Dataset<Row> neighbours(Dataset<Row> edges, Dataset<Row> nodes) {
    return edges
        .selectExpr("low AS node", "high AS via", "jaccard")
        .union(edges.selectExpr("high", "low", "jaccard"))
        .groupBy("node")
        .agg(max(struct(col("jaccard"), negate(col("via")).as("order"))).as("best"))
        .select(
            col("node"),
            negate(col("best.order")).as("position"),
            col("best.jaccard").as("via_jaccard"))
        .join(nodes.select(col("position"), col("id").as("via_id")), "position")
        .drop("position");
  }

  private static Column stays() {
    return col("position").equalTo(col("kept"));
  }

  private static Column reason() {
    return when(stays(), lit(null))
        .when(col("node").equalTo(col("kept_node")), lit(DropReason.EXACT_DUPLICATE.key()))
        .otherwise(lit(DropReason.NEAR_DUPLICATE.key()));
  }

  private static Column detail() {
    Column near = format_string("near %s, Jaccard %.3f", col("kept_id"), col("jaccard"));
    return when(stays(), lit(null))
        .when(col("node").equalTo(col("kept_node")), concat(lit("same text as "), col("kept_id")))
        .when(col("via_jaccard").isNull().or(col("jaccard").geq(col("via_jaccard"))), near)
        .otherwise(
            concat(
                near,
                format_string(", by way of %s, Jaccard %.3f", col("via_id"), col("via_jaccard"))));
  }
}
