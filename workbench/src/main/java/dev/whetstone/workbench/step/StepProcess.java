package dev.whetstone.workbench.step;

import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.command.Commands;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One child process: its standard error goes on to ours as it comes, with a line from us when it is
 * silent; its standard output is kept. It ends when we are told to end.
 */
final class StepProcess {
  /** What a child said on standard output, and its exit code. */
  record Ended(int exitCode, List<String> lines) {}

  private static final Duration KINDNESS = Duration.ofSeconds(10);
  private static final int BLOCK_BYTES = 8192;

  private final String name;
  private final PrintStream err;
  private final Duration silence;
  private volatile long lastWordNanos;

  /**
   * @param silence how long the child may be silent before we say that it still works
   */
  StepProcess(String name, PrintStream err, Duration silence) {
    this.name = name;
    this.err = err;
    this.silence = silence;
  }

  Ended run(List<String> command) {
    long started = System.nanoTime();
    lastWordNanos = started;
    Process child = start(command);
    var stop = new Thread(() -> stop(child), "stop " + name);
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      child.getOutputStream().close(); // nothing asks a question
      var errors = new Thread(() -> passOn(child.getErrorStream()), name + " standard error");
      errors.setDaemon(true);
      errors.start();
      var lines = new Lines(child.getInputStream());
      var answers = new Thread(lines, name + " standard output");
      answers.setDaemon(true);
      answers.start();
      while (!child.waitFor(200, TimeUnit.MILLISECONDS)) {
        breakSilence(started);
      }
      errors.join();
      answers.join();
      return new Ended(child.exitValue(), lines.lines());
    } catch (IOException e) {
      throw new UncheckedIOException(name + ": its process cannot be spoken to", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(name + ": interrupted while waiting", e);
    } finally {
      stop(child);
      removeHook(stop);
    }
  }

  private Process start(List<String> command) {
    try {
      var builder = new ProcessBuilder(command);
      builder.environment().put(Commands.PARENT, Long.toString(ProcessHandle.current().pid()));
      return builder.start();
    } catch (IOException e) {
      throw new SurroundingsException(
          "%s: %s cannot be started (%s).".formatted(name, command.get(0), e.getMessage()), e);
    }
  }

  /** Asks the child to end, so that it can leave its files in order, and insists after a while. */
  private static void stop(Process child) {
    if (!child.isAlive()) {
      return;
    }
    child.destroy();
    try {
      if (!child.waitFor(KINDNESS.toSeconds(), TimeUnit.SECONDS)) {
        child.destroyForcibly();
      }
    } catch (InterruptedException e) {
      child.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread stop) {
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook does its work now.
      return;
    }
  }

  private void passOn(InputStream from) {
    byte[] block = new byte[BLOCK_BYTES];
    try (from) {
      for (int n = from.read(block); n >= 0; n = from.read(block)) {
        lastWordNanos = System.nanoTime();
        err.write(block, 0, n);
        err.flush();
      }
    } catch (IOException e) {
      err.println(name + ": its messages cannot be read any more: " + e.getMessage());
    }
  }

  private void breakSilence(long started) {
    long now = System.nanoTime();
    if (now - lastWordNanos >= silence.toNanos()) {
      lastWordNanos = now;
      err.printf("%s: still working, %d s%n", name, Duration.ofNanos(now - started).toSeconds());
    }
  }

  /** Reads all lines of a stream. */
  private static final class Lines implements Runnable {
    private final InputStream from;
    private volatile List<String> lines = List.of();

    private Lines(InputStream from) {
      this.from = from;
    }

    @Override
    public void run() {
      try (from) {
        lines = new String(from.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      } catch (IOException e) {
        throw new UncheckedIOException("a step's standard output cannot be read", e);
      }
    }

    private List<String> lines() {
      return lines;
    }
  }
}
