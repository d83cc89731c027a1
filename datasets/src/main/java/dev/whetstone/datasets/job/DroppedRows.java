package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.rows.DropReason;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Rows that are not in the dataset, kept aside in {@code dropped/<reason>.jsonl}. */
final class DroppedRows {
  private static final StructType WRITTEN =
      StructType.fromDDL(
          "reason STRING, file STRING, n BIGINT, "
              + "examples ARRAY<STRUCT<id: STRING, source: STRING, line: BIGINT, detail: STRING, "
              + "text: STRING, kept: BIGINT>>");

  /**
   * What was written for a reason.
   *
   * @param examples the first rows
   */
  record Written(long rows, List<Example> examples) {}

  /**
   * @param kept position of the row that is the cause, negative for none
   */
  record Example(String id, String source, long line, String detail, String text, long kept) {}

  private DroppedRows() {}

  /**
   * Writes the files: one a reason, rows in the order of the sources.
   *
   * @param rows of {@link RowColumns#READ}, dead and alive
   * @param marks position, reason, detail, kept (or null) of rows that died later
   * @param folder of the dataset; {@code dropped/} in it is replaced
   * @param examples rows of each reason that are handed back
   * @return every reason, those without rows too
   */
  static Map<DropReason, Written> write(
      Dataset<Row> rows, Dataset<Row> marks, Path folder, int examples) {
    Path temporary = folder.resolve("_dropped");
    Path target = folder.resolve("dropped");
    for (Path old : List.of(temporary, target)) {
      if (Files.exists(old)) {
        ArtifactFolder.delete(old);
      }
      createFolder(old);
    }
    String temporaryName = temporary.toString(); // a Path does not travel
    MapPartitionsFunction<Row, Row> write =
        part -> new ReasonFiles(part, Path.of(temporaryName), examples);
    List<Row> parts =
        rows.drop("text_hash", "changes", "tools", "scores", "leaks")
            .join(marks.toDF("position", "later", "why", "kept"), "position", "left")
            .withColumn("died", coalesce(col("reason"), col("later")))
            .where(col("died").isNotNull())
            .repartition(col("died"))
            .sortWithinPartitions("died", "position")
            .mapPartitions(write, Encoders.row(WRITTEN))
            .collectAsList();
    Map<DropReason, Written> written = new EnumMap<>(DropReason.class);
    for (DropReason reason : DropReason.values()) {
      written.put(reason, new Written(0, List.of()));
    }
    for (Row part : parts) {
      String reason = part.getString(0);
      move(Path.of(part.getString(1)), target.resolve(reason + ".jsonl"));
      written.put(
          DropReason.ofKey(reason), new Written(part.getLong(2), examples(part.getList(3))));
    }
    ArtifactFolder.delete(temporary);
    return written;
  }

  private static List<Example> examples(List<Row> rows) {
    return rows.stream()
        .map(
            r ->
                new Example(
                    r.getString(0),
                    r.getString(1),
                    r.getLong(2),
                    r.getString(3),
                    r.getString(4),
                    r.getLong(5)))
        .toList();
  }

  private static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(to, e);
    }
  }

  /** Rows sorted by reason, written to one file each, turned into one row a file. */
  private static final class ReasonFiles implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Path folder;
    private final int examples;
    private Row next;

    ReasonFiles(Iterator<Row> rows, Path folder, int examples) {
      this.rows = rows;
      this.folder = folder;
      this.examples = examples;
      advance();
    }

    private void advance() {
      next = rows.hasNext() ? rows.next() : null;
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
      String reason = next.getAs("died");
      // The id of the attempt keeps a second copy of this task from writing into the same file.
      Path file = folder.resolve(reason + "-" + TaskContext.get().taskAttemptId() + ".jsonl");
      List<Row> first = new ArrayList<>();
      long count = 0;
      try (BufferedWriter out = Files.newBufferedWriter(file)) {
        while (next != null && next.getAs("died").equals(reason)) {
          boolean early = !next.isNullAt(next.fieldIndex("reason"));
          String before = early ? next.getAs("before") : null;
          String text = before == null ? RowColumns.text(next) : before;
          String detail = next.getAs(early ? "detail" : "why");
          Map<String, Object> line = new LinkedHashMap<>();
          for (String key : List.of("id", "source", "line")) {
            line.put(key, next.getAs(key));
          }
          line.put("reason", reason);
          line.put("detail", detail);
          line.put("text", text);
          out.write(Json.line(line));
          out.write('\n');
          if (count++ < examples) {
            Long kept = next.getAs("kept");
            first.add(
                RowFactory.create(
                    next.getAs("id"),
                    next.getAs("source"),
                    next.getAs("line"),
                    detail,
                    text,
                    kept == null ? -1L : kept));
          }
          advance();
        }
      } catch (IOException e) {
        throw ArtifactFolder.surroundings(file, e);
      }
      return RowFactory.create(reason, file.toString(), count, first.toArray(Row[]::new));
    }
  }
}
