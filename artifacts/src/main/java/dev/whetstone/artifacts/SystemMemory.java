package dev.whetstone.artifacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What Linux tells of memory in {@code /proc}; elsewhere nothing is known. */
public final class SystemMemory {
  private SystemMemory() {}

  /** Most bytes that this process has held, libtorch's included. */
  public static OptionalLong peakBytes() {
    return bytes("/proc/self/status", "VmHWM");
  }

  /** Bytes that this process holds and no file backs. */
  public static OptionalLong anonymousBytes() {
    return bytes("/proc/self/status", "RssAnon");
  }

  /** Bytes that the machine has left, without what would have to be swapped out. */
  public static OptionalLong availableBytes() {
    return bytes("/proc/meminfo", "MemAvailable");
  }

  private static OptionalLong bytes(String file, String field) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(field + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
