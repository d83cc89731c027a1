package dev.whetstone.artifacts.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SurroundingsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailureTest {
  private static void assertFailure(Throwable e, int exitCode, String part) {
    Failure failure = Failure.of(e);
    assertThat(failure.exitCode()).as(failure.sentence()).isEqualTo(exitCode);
    assertThat(failure.sentence()).contains(part).hasLineCount(1);
  }

  @Test
  void aSentenceIsFoundWhateverWrapsIt() {
    var bad = new BadInputException("x.yaml: expected a, found b.");
    assertFailure(bad, 2, "x.yaml: expected a");
    assertFailure(new RuntimeException("Job aborted\n\tat x", bad), 2, "x.yaml: expected a");
    var full = new SurroundingsException("out: no space.", null);
    assertFailure(new IllegalStateException(new RuntimeException(full)), 6, "out: no space.");
  }

  @Test
  void whatTheMachineRefusesIsNoDefectOfOurs() {
    var full = new IOException("No space left on device");
    assertFailure(
        new RuntimeException("Job aborted:\njava.io.IOException: No space left on device", full),
        6,
        "the machine refused: No space left on device.");
    assertFailure(
        new UncheckedIOException(new AccessDeniedException("/secret")), 6, "permission denied");
    assertFailure(
        new UncheckedIOException(new NoSuchFileException("/gone")),
        2,
        "/gone: expected a file here, found no file.");
    assertFailure(new OutOfMemoryError("Java heap space"), 6, "-Xmx");
    assertFailure(new StackOverflowError(), 70, "a defect of ours");
  }

  @Test
  void aNameThatNoFileCanHaveIsBadInput() {
    assertFailure(
        new InvalidPathException("a\0b", "Nul character not allowed"),
        2,
        "\"a\\u0000b\": expected the name of a file");
  }

  @Test
  void aCauseThatComesBackIsFollowedOnce() {
    var inner = new RuntimeException("inner");
    var outer = new RuntimeException("outer", inner);
    inner.initCause(outer);
    assertFailure(outer, 70, "outer");
  }

  @Test
  void strangersNamesCannotSteerTheTerminal() {
    assertThat(Failure.line("a\nb\tc\u001b[31m\u2028\u202e"))
        .isEqualTo("a\\nb\\tc\\u001b[31m\\u2028\\u202e");
    assertThat(Failure.line("命令 é 😀")).isEqualTo("命令 é 😀");
    assertThat(Failure.line("x".repeat(10_000)).length()).isLessThan(2100);
  }
}
