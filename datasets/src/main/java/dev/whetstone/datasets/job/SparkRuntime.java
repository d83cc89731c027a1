package dev.whetstone.datasets.job;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * How a job runs, which never changes what it makes.
 *
 * @param master Spark's master; empty: what {@code spark-submit} set, else all cores of this
 *     machine
 * @param partitions tasks that write; empty: by the size of the sources
 * @param stages folder of frames that a later job can go on with; empty: beside the dataset
 */
public record SparkRuntime(
    Optional<String> master, Optional<Integer> partitions, Optional<Path> stages) {
  private static final long BYTES_PER_PARTITION = 128L << 20;

  /** Of so few bytes, making code for a step takes longer than the step. */
  private static final long FEW_BYTES = 16L << 20;

  public SparkRuntime {
    partitions.ifPresent(
        p -> {
          if (p < 1) {
            throw new IllegalArgumentException("partitions must be >= 1: " + p);
          }
        });
  }

  public static SparkRuntime local(int cores) {
    return new SparkRuntime(
        Optional.of("local[" + cores + "]"), Optional.empty(), Optional.empty());
  }

  /**
   * A session for one job. The caller closes it.
   *
   * @param scratch where a local master shuffles, unless SPARK_LOCAL_DIRS or spark.local.dir say
   *     otherwise: a killed job then leaves nothing outside its folder
   */
  SparkSession open(long sourceBytes, Path scratch) {
    String submitted = System.getProperty("spark.master", "local[*]");
    String chosen = master.orElse(submitted);
    var builder =
        SparkSession.builder()
            .appName("whetstone prepare")
            .master(chosen)
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.ui.showConsoleProgress", "false")
            // DJL reports its use where it runs in a certain cloud.
            .config("spark.executorEnv.OPT_OUT_TRACKING", "true")
            // Tasks are the threads; Deeplearning4j would multiply each of them.
            .config("spark.executorEnv.OMP_NUM_THREADS", "1")
            .config("spark.executorEnv.OPENBLAS_NUM_THREADS", "1");
    if (chosen.startsWith("local")) {
      String here = scratch.toAbsolutePath().toString();
      if (System.getenv("SPARK_LOCAL_DIRS") == null
          && System.getProperty("spark.local.dir") == null
          && !here.contains(",")) { // Spark would take it for two folders
        builder.config("spark.local.dir", here);
      }
      builder
          .config("spark.ui.enabled", "false")
          .config("spark.driver.host", "127.0.0.1")
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.sql.shuffle.partitions", shuffles(sourceBytes))
          .config("spark.sql.codegen.wholeStage", sourceBytes > FEW_BYTES)
          .config(
              "spark.sql.codegen.factoryMode", sourceBytes > FEW_BYTES ? "FALLBACK" : "NO_CODEGEN")
          .config("spark.default.parallelism", Runtime.getRuntime().availableProcessors())
          // Sizes are known here; planning anew after each shuffle costs more than it saves.
          .config("spark.sql.adaptive.enabled", "false");
    }
    return builder.getOrCreate();
  }

  /** Tasks that write a split. */
  int writers(long sourceBytes) {
    return partitions.orElse((int) Math.max(1, sourceBytes / BYTES_PER_PARTITION));
  }

  private static long shuffles(long sourceBytes) {
    return Math.max(
        Runtime.getRuntime().availableProcessors(), sourceBytes / BYTES_PER_PARTITION + 1);
  }
}
