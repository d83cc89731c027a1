package dev.whetstone.artifacts.testing;

import dev.whetstone.artifacts.SystemMemory;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What work leaves of native memory, in a JVM of its own. */
public final class NativeMemory {
  private NativeMemory() {}

  /**
   * The number that a program prints. The heap of its JVM is touched as a whole at its start, so
   * that what grows is not the heap.
   *
   * @param program with a main method, on this JVM's class path
   * @throws IllegalStateException if it ends with another code than 0
   */
  public static long grownMegabytes(Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms192m",
                "-Xmx192m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectError(new File("/dev/null")).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IllegalStateException(program.getName() + " ended with " + code);
    }
    return Long.parseLong(out.strip());
  }

  /** Megabytes that this process holds and no file backs, garbage collected. */
  public static long residentMegabytes() {
    System.gc();
    return SystemMemory.anonymousBytes().orElseThrow() >> 20;
  }
}
