package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.transform;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.rows.DropReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Rows that are not in the dataset: one frame of them, files per reason, examples for the report.
 */
final class DroppedRows {
  /** Columns of a dropped row; {@code kept} is null where no other row is the cause. */
  static final List<String> COLUMNS =
      List.of("position", "id", "source", "line", "reason", "detail", "text", "kept");

  private static final StructType LINE =
      StructType.fromDDL("reason STRING, position BIGINT, value STRING");

  private DroppedRows() {}

  /** The turns of a row as text, as {@code Conversation.text} has it. */
  static Column text() {
    return array_join(
        transform(
            col("messages"),
            m ->
                concat(
                    m.getField("role"),
                    lit(": "),
                    concat_ws(" ", m.getField("content"), m.getField("tool_calls")))),
        "\n\n");
  }

  /** Rows that reading and cleaning dropped. */
  static Dataset<Row> ofReading(Dataset<Row> rows) {
    return rows.where(col("reason").isNotNull())
        .withColumn("text", coalesce(col("before"), text()))
        .withColumn("kept", expr("CAST(NULL AS BIGINT)"))
        .selectExpr(COLUMNS.toArray(String[]::new));
  }

  /**
   * Duplicates.
   *
   * @param duplicates position, reason, detail, kept
   */
  static Dataset<Row> ofDuplicates(Dataset<Row> rows, Dataset<Row> duplicates) {
    return rows.drop("reason", "detail")
        .join(duplicates, "position")
        .withColumn("text", text())
        .selectExpr(COLUMNS.toArray(String[]::new));
  }

  /** Rows that tokenising dropped. */
  static Dataset<Row> ofTokenising(Dataset<Row> placed) {
    return placed
        .where(col("reason").isNotNull())
        .withColumn("text", text())
        .withColumn("kept", expr("CAST(NULL AS BIGINT)"))
        .selectExpr(COLUMNS.toArray(String[]::new));
  }

  /**
   * Writes {@code dropped/<reason>.jsonl}, rows in the order of the sources; a reason with very
   * many rows may have several files, numbered.
   */
  static void write(Dataset<Row> dropped, Path folder) {
    MapFunction<Row, Row> line =
        row -> {
          Map<String, Object> object = new LinkedHashMap<>();
          for (String key : List.of("id", "source", "line", "reason", "detail", "text")) {
            object.put(key, row.getAs(key));
          }
          return RowFactory.create(row.getAs("reason"), row.getAs("position"), Json.line(object));
        };
    Path temporary = folder.resolve("_dropped");
    dropped
        .map(line, Encoders.row(LINE))
        .repartition(col("reason"))
        .sortWithinPartitions("reason", "position")
        .select("reason", "value")
        .write()
        .partitionBy("reason")
        .mode("overwrite")
        .text(temporary.toUri().toString());
    publish(temporary, folder.resolve("dropped"));
  }

  private static void publish(Path temporary, Path target) {
    try {
      if (Files.exists(target)) {
        ArtifactFolder.delete(target);
      }
      Files.createDirectories(target);
      for (DropReason reason : DropReason.values()) {
        Path parts = temporary.resolve("reason=" + reason.key());
        if (!Files.isDirectory(parts)) {
          continue;
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> found = Files.list(parts)) {
          found
              .filter(f -> f.getFileName().toString().startsWith("part-"))
              .sorted(Comparator.comparing(Path::toString))
              .forEach(files::add);
        }
        for (int i = 0; i < files.size(); i++) {
          String number = files.size() == 1 ? "" : "-%05d".formatted(i);
          Files.move(files.get(i), target.resolve(reason.key() + number + ".jsonl"));
        }
      }
      ArtifactFolder.delete(temporary);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(target, e);
    }
  }
}
