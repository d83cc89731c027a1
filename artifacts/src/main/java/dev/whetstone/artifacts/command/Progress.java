package dev.whetstone.artifacts.command;

import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Progress with time left on standard error: a bar on a terminal, elsewhere a line at least every
 * {@link #QUIET}.
 *
 * <p>Safe to call from several threads. Close it when done.
 */
public final class Progress implements AutoCloseable {
  /** Where there is no terminal, the longest silence between two steps. */
  static final Duration QUIET = Duration.ofSeconds(5);

  private final String task;
  private final long total;
  private final long start = System.nanoTime();
  private final ProgressBar bar;
  private long done;
  private long lastLine = start;
  private String note = "";

  private Progress(String task, long total, boolean terminal) {
    this.task = task;
    this.total = total;
    this.bar =
        terminal
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .build()
            : null;
  }

  /**
   * Starts.
   *
   * @param task what is counted, such as {@code "eval orders"}
   * @param total units of work in all; time left is computed from it
   */
  public static Progress of(String task, long total) {
    // System.console() is null as soon as standard output is a pipe, which it often is; the
    // variable tells the launcher's view.
    boolean terminal = "true".equals(System.getProperty("whetstone.terminal"));
    return new Progress(task, total, terminal);
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
    long now = System.nanoTime();
    if (now - lastLine >= QUIET.toNanos() || units >= total) {
      lastLine = now;
      System.err.println(line(now));
    }
  }

  private String line(long now) {
    double seconds = (now - start) / 1e9;
    double left = done == 0 ? Double.NaN : seconds * (total - done) / done;
    return String.format(
        Locale.ROOT,
        "%s: %d of %d (%d %%), %.0f s, %s left%s",
        task,
        done,
        total,
        total == 0 ? 100 : 100 * done / total,
        seconds,
        Double.isNaN(left) ? "?" : String.format(Locale.ROOT, "%.0f s", left),
        note.isEmpty() ? "" : ", " + note);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
