package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.report.ReportData;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Clusters of duplicates as a file, {@code clusters.jsonl}: a line for each row, the largest
 * cluster first, in each the row that stays first.
 */
final class ClusterFile {
  private static final StructType WRITTEN = StructType.fromDDL("file STRING, n BIGINT");

  private ClusterFile() {}

  /**
   * Writes the file.
   *
   * @param members of {@link Duplicates#MEMBERS}
   * @param rows of {@link RowColumns#READ}
   * @param folder of the dataset
   * @return rows written
   */
  static long write(Dataset<Row> members, Dataset<Row> rows, Path folder) {
    String name = folder.resolve("_clusters").toString(); // a Path does not travel
    MapPartitionsFunction<Row, Row> write =
        part ->
            List.of(written(part, Path.of(name + "-" + TaskContext.get().taskAttemptId())))
                .iterator();
    Row written =
        members
            .drop("detail", "reason")
            .join(rows.select("position", "id", "source", "line"), "position")
            .repartition(1)
            .sortWithinPartitions(
                col("size").desc(),
                col("cluster"),
                col("position").notEqual(col("kept")),
                col("jaccard").desc(),
                col("position"))
            .mapPartitions(write, Encoders.row(WRITTEN))
            .first();
    Path file = folder.resolve(DatasetFolder.CLUSTERS);
    try {
      Files.move(Path.of(written.getString(0)), file);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
    return written.getLong(1);
  }

  private static Row written(Iterator<Row> members, Path file) {
    long rows = 0;
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      while (members.hasNext()) {
        Row member = members.next();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("cluster", member.getAs("kept_id"));
        line.put("size", member.getAs("size"));
        line.put("diameter", rounded(member.getAs("diameter")));
        line.put("id", member.getAs("id"));
        line.put("source", member.getAs("source"));
        line.put("line", member.getAs("line"));
        line.put("stays", member.getAs("position").equals(member.getAs("kept")));
        line.put("jaccard", rounded(member.getAs("jaccard")));
        out.write(Json.line(line));
        out.write('\n');
        rows++;
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
    return RowFactory.create(file.toString(), rows);
  }

  /** Four digits, as many as a set of some thousand shingles can tell apart. */
  private static double rounded(double value) {
    return Math.round(value * 1e4) / 1e4;
  }

  /** The largest clusters, each with the row that stays and the one that is least like it. */
  static List<ReportData.Cluster> largest(Dataset<Row> members, Dataset<Row> rows, int limit) {
    List<Row> kept =
        members
            .where(col("position").equalTo(col("kept")))
            .orderBy(col("size").desc(), col("cluster"))
            .limit(limit)
            .select("cluster", "size", "diameter", "position")
            .collectAsList();
    if (kept.isEmpty()) {
      return List.of();
    }
    Map<Long, Row> farthest = new HashMap<>();
    members
        .where(col("cluster").isin(kept.stream().map(row -> row.get(0)).toArray()))
        .where(col("position").notEqual(col("kept")))
        .groupBy("cluster")
        .agg(min(struct("jaccard", "position")).as("least"))
        .select("cluster", "least.jaccard", "least.position")
        .collectAsList()
        .forEach(row -> farthest.put(row.getLong(0), row));
    Map<Long, Row> texts = new HashMap<>();
    Object[] positions =
        Stream.concat(
                kept.stream().map(row -> row.get(3)), farthest.values().stream().map(r -> r.get(2)))
            .toArray();
    rows.where(col("position").isin(positions))
        .collectAsList()
        .forEach(row -> texts.put(row.<Long>getAs(RowColumns.POSITION), row));
    return kept.stream()
        .map(
            row -> {
              Row far = farthest.get(row.getLong(0));
              Row keptText = texts.get(row.getLong(3));
              Row farText = texts.get(far.getLong(2));
              return new ReportData.Cluster(
                  row.getLong(1),
                  row.getDouble(2),
                  keptText.getAs(RowColumns.ID),
                  RowColumns.text(keptText),
                  farText.getAs(RowColumns.ID),
                  far.getDouble(1),
                  RowColumns.text(farText));
            })
        .toList();
  }
}
