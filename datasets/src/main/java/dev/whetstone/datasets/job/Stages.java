package dev.whetstone.datasets.job;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.FolderLock;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.datasets.sink.HadoopFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
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
 * no job runs; it must be on a disk that driver and executors share. One job at a time works in it:
 * close it to let the next one in.
 */
final class Stages implements AutoCloseable {
  private static final int ID_DIGITS = 16;
  private static final String UNFINISHED = ".unfinished";
  private static final String ROWS = "rows";

  private final SparkSession spark;
  private final Path folder;
  private final FolderLock lock;

  private Stages(SparkSession spark, Path folder, FolderLock lock) {
    this.spark = spark;
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * The frames in {@code folder}, which is made where it is missing; what a killed job left
   * unfinished there goes.
   *
   * @throws FolderLock.BusyException if another job works there
   */
  static Stages in(Path folder, SparkSession spark) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
    var stages = new Stages(spark, folder, FolderLock.take(folder));
    stages.delete(name -> name.endsWith(UNFINISHED));
    return stages;
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
      boolean whole = false;
      try {
        write(make.get(), unfinished, schema);
        drop(name);
        Files.move(unfinished, stage);
        whole = true;
      } catch (IOException e) {
        throw ArtifactFolder.surroundings(stage, e);
      } finally {
        spark.catalog().clearCache(); // what the steps of this frame kept, none after it needs
        if (!whole) {
          delete(left -> left.endsWith(UNFINISHED)); // on a full disk it would be in the way
        }
      }
    }
    return read(stage, schema);
  }

  private void write(Dataset<Row> frame, Path unfinished, StructType schema) {
    var counted = new Observation();
    frame
        .observe(counted, functions.count(functions.lit(1)).as(ROWS))
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(HadoopFolder.text(unfinished));
    long written = rows(counted);
    long arrived = read(unfinished, schema).count();
    if (arrived != written) {
      throw new SurroundingsException(
          "%s: executors wrote %,d rows, %,d arrived here; the folder must be on a disk that driver and executors share: choose one with --stages."
              .formatted(folder, written, arrived));
    }
  }

  private static long rows(Observation counted) {
    try {
      return ((Number) counted.getAsJava().get(ROWS)).longValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while rows were written", e);
    }
  }

  /** Takes away the finished frame of this name, whatever its id. */
  void drop(String name) {
    delete(stage -> stage.startsWith(name + "-") && !stage.endsWith(UNFINISHED));
  }

  private void delete(Predicate<String> names) {
    try (Stream<Path> stages = Files.list(folder)) {
      stages
          .filter(stage -> names.test(stage.getFileName().toString()))
          .toList()
          .forEach(ArtifactFolder::delete);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }

  private Dataset<Row> read(Path stage, StructType schema) {
    // A name is only a name: brackets and stars in it are no glob (Spark,
    // DataSource.GLOB_PATHS_KEY).
    return spark
        .read()
        .schema(schema)
        .option("__globPaths__", "false")
        .parquet(HadoopFolder.text(stage));
  }

  /** Lets the next job in; the frames stay. */
  @Override
  public void close() {
    lock.close();
  }
}
