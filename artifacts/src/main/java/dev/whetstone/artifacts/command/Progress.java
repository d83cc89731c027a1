package dev.whetstone.artifacts.command;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Progress with time left on standard error: a bar on a terminal; elsewhere a line at most every
 * {@link #QUIET} while there is progress, and every {@link #WAITING} while there is none, so that a
 * long step is never taken for a hang.
 *
 * <p>Safe to call from several threads. Close it when done.
 */
public final class Progress implements AutoCloseable {
  /** Where there is no terminal, the shortest time between two lines. */
  static final Duration QUIET = Duration.ofSeconds(5);

  /** Where there is no terminal, the longest silence, even within one step. */
  static final Duration WAITING = Duration.ofSeconds(10);

  private final String task;
  private final long total;
  private final boolean showsEnd;
  private final PrintStream out;
  private final LongSupplier nanoTime;
  private final long start;
  private final ProgressBar bar;
  private ScheduledExecutorService timer;
  private long done;
  private long lastLine;
  private String note = "";

  Progress(String task, long total, boolean showsEnd, PrintStream out, LongSupplier nanoTime) {
    this(task, total, showsEnd, out, nanoTime, null);
  }

  private Progress(
      String task,
      long total,
      boolean showsEnd,
      PrintStream out,
      LongSupplier nanoTime,
      ProgressBar bar) {
    this.task = task;
    this.total = total;
    this.showsEnd = showsEnd;
    this.out = out;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.lastLine = start;
    this.bar = bar;
  }

  /**
   * Starts.
   *
   * @param task what is counted, such as {@code "eval orders"}
   * @param total units of work in all; time left is computed from it
   */
  public static Progress of(String task, long total) {
    return start(task, total, true);
  }

  /** As {@link #of}, for work that is mostly over at once: nothing is shown unless it lasts. */
  public static Progress quiet(String task, long total) {
    return start(task, total, false);
  }

  private static Progress start(String task, long total, boolean showsEnd) {
    // System.console() is null as soon as standard output is a pipe, which it often is; the
    // variable tells the launcher's view.
    boolean terminal = "true".equals(System.getProperty("whetstone.terminal"));
    ProgressBar bar =
        terminal && showsEnd
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .build()
            : null;
    var progress = new Progress(task, total, showsEnd, System.err, System::nanoTime, bar);
    if (bar == null) {
      progress.startTimer();
    }
    return progress;
  }

  private void startTimer() {
    timer =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              var thread = new Thread(work, "progress " + task);
              thread.setDaemon(true);
              return thread;
            });
    var unused = timer.scheduleAtFixedRate(this::breakSilence, 1, 1, TimeUnit.SECONDS);
  }

  public synchronized void add(long units) {
    to(done + units, note);
  }

  /**
   * Sets the units done and a short note that is shown beside them, such as {@code "loss 1.234, 160
   * tokens/s"}.
   */
  public synchronized void to(long units, String note) {
    this.done = units;
    this.note = note;
    if (bar != null) {
      bar.stepTo(units);
      bar.setExtraMessage(note);
      return;
    }
    long now = nanoTime.getAsLong();
    if (now - lastLine >= QUIET.toNanos() || (showsEnd && units >= total)) {
      lastLine = now;
      out.println(line(now));
    }
  }

  /** Prints a line if none came for {@link #WAITING}. */
  synchronized void breakSilence() {
    long now = nanoTime.getAsLong();
    if (now - lastLine >= WAITING.toNanos()) {
      lastLine = now;
      out.println(line(now));
    }
  }

  private String line(long now) {
    double seconds = (now - start) / 1e9;
    String left =
        done == 0
            ? "time left unknown"
            : String.format(Locale.ROOT, "%.0f s left", seconds * (total - done) / done);
    return String.format(
        Locale.ROOT,
        "%s: %d of %d (%d %%), %.0f s, %s%s",
        task,
        done,
        total,
        total == 0 ? 100 : 100 * done / total,
        seconds,
        left,
        note.isEmpty() ? "" : ", " + note);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
    if (timer != null) {
      timer.shutdownNow();
    }
  }
}
