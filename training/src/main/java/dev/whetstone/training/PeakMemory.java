package dev.whetstone.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Most memory that this process has held, libtorch's included. */
final class PeakMemory {
  private PeakMemory() {}

  /** Bytes; 0 where the system does not tell (it is in {@code /proc} on Linux). */
  static long bytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }
}
