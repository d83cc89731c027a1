package dev.whetstone.datasets.job;

import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkStageInfo;

/**
 * Tells on standard error what the job is at: a line when a step is done, and one every {@link
 * #QUIET_SECONDS} while it lasts. Close it when done.
 */
final class Steps implements AutoCloseable {
  static final int QUIET_SECONDS = 5;

  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "progress");
            thread.setDaemon(true);
            return thread;
          });
  private final String command;
  private volatile SparkContext spark;

  /** Steps of a command, whose name stands before each line. */
  Steps(String command) {
    this.command = command;
  }

  /** From now on the lines in between tell Spark's tasks. */
  void watch(SparkContext context) {
    this.spark = context;
  }

  /** Does {@code work} and prints what {@code result} says of it, with the seconds it took. */
  <T> T run(String name, Supplier<T> work, Function<T, String> result) {
    long start = System.nanoTime();
    ScheduledFuture<?> beat =
        clock.scheduleAtFixedRate(
            () -> System.err.printf("%s: %s ... %.0f s%s%n", command, name, since(start), tasks()),
            QUIET_SECONDS,
            QUIET_SECONDS,
            TimeUnit.SECONDS);
    try {
      T value = work.get();
      System.err.printf(
          Locale.ROOT, "%s: %s: %s (%.1f s)%n", command, name, result.apply(value), since(start));
      return value;
    } finally {
      beat.cancel(false);
    }
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private String tasks() {
    SparkContext context = spark;
    if (context == null) {
      return "";
    }
    int done = 0;
    int all = 0;
    for (int id : context.statusTracker().getActiveStageIds()) {
      var stage = context.statusTracker().getStageInfo(id);
      if (stage.isDefined()) {
        SparkStageInfo info = stage.get();
        done += info.numCompletedTasks();
        all += info.numTasks();
      }
    }
    return all == 0 ? "" : ", %d of %d tasks".formatted(done, all);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
