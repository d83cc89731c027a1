package dev.whetstone.training;

import dev.whetstone.artifacts.command.Commands;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Lets Ctrl-C and SIGTERM end a run between two steps: the JVM waits until the step and its
 * checkpoint are done, then exits with 130.
 */
public final class StopSwitch {
  /** A step takes seconds; a process that does not come back in this time is let go. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final AtomicBoolean pulled = new AtomicBoolean();
  private final CountDownLatch done = new CountDownLatch(1);
  private final BooleanSupplier source;

  /** A switch that is also pulled once {@code source} says so. */
  StopSwitch(BooleanSupplier source) {
    this.source = source;
  }

  /** A switch that the JVM's shutdown pulls. */
  static StopSwitch onShutdown() {
    var stop = new StopSwitch(() -> false);
    Runtime.getRuntime().addShutdownHook(new Thread(stop::pullAndWait, "save-and-stop"));
    return stop;
  }

  public boolean pulled() {
    if (source.getAsBoolean()) {
      pull();
    }
    return pulled.get();
  }

  public void pull() {
    pulled.set(true);
  }

  /** Tells the hook that nothing is left to save. */
  void done() {
    done.countDown();
  }

  private void pullAndWait() {
    if (done.getCount() == 0) {
      return; // a normal exit
    }
    System.err.println("train: stopping after this step");
    pull();
    try {
      if (!done.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("train: the step did not end; the last checkpoint stands");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(Commands.INTERRUPTED);
  }
}
