package dev.whetstone.datasets.job;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.SurroundingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Frames on disk, each under the id of the work that made it: a job that failed goes on after its
 * last finished stage, and another job that shares the first stages with this one does not do them
 * again. Parquet, since steps read few columns of many. The folder may be deleted at any time when
 * no job runs; it must be on a disk that driver and executors share.
 */
final class Stages {
  private static final int ID_DIGITS = 16;
  private static final String UNFINISHED = ".unfinished";
  private static final String ROWS = "rows";

  private final SparkSession spark;
  private final Path folder;

  Stages(SparkSession spark, Path folder) {
    this.spark = spark;
    this.folder = folder;
  }

  /**
   * The frame of this name and id: read where it is finished, else made and written. Frames of the
   * same name and other ids go.
   *
   * @param id of all that the frame depends on, as {@link dev.whetstone.artifacts.StepId} makes it
   * @throws SurroundingsException if what executors wrote does not arrive here
   */
  Dataset<Row> of(String name, String id, StructType schema, Supplier<Dataset<Row>> make) {
    String digits = id.substring("sha256:".length(), "sha256:".length() + ID_DIGITS);
    Path stage = folder.resolve(name + "-" + digits);
    if (!Files.exists(stage)) {
      Path unfinished = folder.resolve(name + "-" + digits + UNFINISHED);
      var counted = new Observation();
      make.get()
          .observe(counted, functions.count(functions.lit(1)).as(ROWS))
          .write()
          .mode(SaveMode.Overwrite)
          .parquet(uri(unfinished));
      long written = rows(counted);
      long arrived = read(unfinished, schema).count();
      if (arrived != written) {
        throw new SurroundingsException(
            "%s: executors wrote %,d rows, %,d arrived here; the folder must be on a disk that driver and executors share: choose one with --stages."
                .formatted(folder, written, arrived));
      }
      others(name + "-").forEach(ArtifactFolder::delete);
      try {
        Files.move(unfinished, stage);
      } catch (IOException e) {
        throw ArtifactFolder.surroundings(stage, e);
      }
    }
    return read(stage, schema);
  }

  private static long rows(Observation counted) {
    try {
      return ((Number) counted.getAsJava().get(ROWS)).longValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while rows were written", e);
    }
  }

  /** Takes away the frame of this name, which no other job could use. */
  void drop(String name) {
    others(name + "-").forEach(ArtifactFolder::delete);
  }

  /** The finished frames whose names begin so, and unfinished ones of killed jobs. */
  private List<Path> others(String prefix) {
    try (Stream<Path> stages = Files.list(folder)) {
      return stages
          .filter(
              stage -> {
                String name = stage.getFileName().toString();
                return name.startsWith(prefix) && !name.endsWith(UNFINISHED);
              })
          .toList();
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }

  private Dataset<Row> read(Path stage, StructType schema) {
    // A name is only a name: brackets and stars in it are no glob (Spark,
    // DataSource.GLOB_PATHS_KEY).
    return spark.read().schema(schema).option("__globPaths__", "false").parquet(uri(stage));
  }

  private static String uri(Path path) {
    return new org.apache.hadoop.fs.Path(path.toAbsolutePath().toUri()).toString();
  }
}
