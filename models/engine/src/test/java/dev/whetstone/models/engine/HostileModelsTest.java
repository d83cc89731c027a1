package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.models.engine.hub.TinyGguf;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spoilt models and GGUF files, opened and used by libtorch and the native tokenizer in a JVM of
 * their own: it neither crashes nor hangs nor takes much memory, and each is refused or works.
 */
class HostileModelsTest {
  /** Of each kind; the slow check asks for more. */
  private static final int COUNT = Integer.getInteger("whetstone.hostile.count", 150);

  private static final int LIMIT_MILLIS = 10_000;

  /** For one that hangs; beside it a second for each model. */
  private static final int MAX_SECONDS = 60;

  private static final int MAX_PEAK_KIB = 1 << 20;

  @TempDir Path folder;

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the peak of memory is read from /proc")
  void spoiltModelsAreRefusedOrWork() throws Exception {
    Path gguf = new TinyGguf(1).write(folder.resolve("tiny.gguf"));
    List<String> ends = ends(HostileModels.class, folder, gguf, COUNT);
    assertThat(ends).hasSize(2 * COUNT);
    assertThat(ends.stream().filter(line -> line.contains(" refused: "))).hasSizeGreaterThan(COUNT);
  }

  /**
   * Runs one of the programs in a JVM of its own and checks that it neither crashes nor hangs nor
   * takes much memory, and that every outcome is one of the two that are right.
   *
   * @return the line of each outcome
   */
  static List<String> ends(Class<?> program, Path folder, Path gguf, int count) throws Exception {
    Process process = start(program, folder, gguf, count);
    Future<Void> ended =
        process
            .onExit()
            .completeOnTimeout(process, MAX_SECONDS + count, TimeUnit.SECONDS)
            .thenAccept(Process::destroyForcibly);
    var lines = new ArrayList<String>();
    try (BufferedReader out = process.inputReader()) {
      // A hang ends by force; the last line tells on which model.
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
      }
    } finally {
      process.destroyForcibly();
    }
    ended.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    assertThat(process.waitFor(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    String last = lines.isEmpty() ? "nothing" : lines.get(lines.size() - 1);
    assertThat(process.exitValue()).as("ended after: %s", last).isZero();
    List<String> ends = lines.stream().filter(line -> line.startsWith("end ")).toList();
    assertThat(ends)
        .allSatisfy(
            line -> {
              assertThat(line).containsAnyOf(" loaded", " refused: ");
              assertThat(Integer.parseInt(line.split(" ", 4)[2])).isLessThan(LIMIT_MILLIS);
            });
    assertThat(Integer.parseInt(last.replace("peak ", ""))).isLessThan(MAX_PEAK_KIB);
    return ends;
  }

  private static Process start(Class<?> program, Path folder, Path gguf, int count)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName(),
            folder.resolve("valid").toString(),
            folder.resolve("spoilt").toString(),
            gguf.toString(),
            Integer.toString(count))
        .redirectError(folder.resolve("errors.txt").toFile())
        .start();
  }
}
