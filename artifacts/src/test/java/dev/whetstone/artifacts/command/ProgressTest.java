package dev.whetstone.artifacts.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long now;

  private Progress progress(boolean showsEnd) {
    return new Progress("eval orders", 40, showsEnd, out, () -> now);
  }

  private void pass(int seconds) {
    now += Duration.ofSeconds(seconds).toNanos();
  }

  private List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void linesComeAtMostEveryFiveSecondsAndTellTheTimeLeft() {
    try (Progress progress = progress(true)) {
      for (int i = 1; i <= 10; i++) {
        pass(1);
        progress.to(i, "loss 1.5");
      }
      assertThat(lines())
          .containsExactly(
              "eval orders: 5 of 40 (12 %), 5 s, 35 s left, loss 1.5",
              "eval orders: 10 of 40 (25 %), 10 s, 30 s left, loss 1.5");
    }
  }

  @Test
  void aLongStepIsNotSilent() {
    try (Progress progress = progress(true)) {
      for (int i = 0; i < 25; i++) {
        pass(1);
        progress.breakSilence();
      }
      progress.add(1);
      assertThat(lines())
          .containsExactly(
              "eval orders: 0 of 40 (0 %), 10 s, time left unknown",
              "eval orders: 0 of 40 (0 %), 20 s, time left unknown",
              "eval orders: 1 of 40 (2 %), 25 s, 975 s left");
    }
  }

  @Test
  void theEndIsShownUnlessQuiet() {
    try (Progress progress = progress(true);
        Progress quiet = progress(false)) {
      pass(1);
      quiet.to(40, "");
      assertThat(lines()).isEmpty();
      progress.to(40, "");
      assertThat(lines()).containsExactly("eval orders: 40 of 40 (100 %), 1 s, 0 s left");
    }
  }

  @Test
  void noThreadIsLeftAfterClosing() {
    Progress.quiet("unique work", 3).close();
    Progress.of("unique work", 0).close();
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().equals("progress unique work"))
        .allMatch(Thread::isDaemon);
  }
}
