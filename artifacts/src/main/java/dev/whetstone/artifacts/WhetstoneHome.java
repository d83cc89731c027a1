package dev.whetstone.artifacts;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where fetched models and the board's database live: {@code WHETSTONE_HOME}, else the user's cache
 * folder.
 */
public final class WhetstoneHome {
  private WhetstoneHome() {}

  /** The folder, which need not exist yet. */
  public static Path folder() {
    return folder(System.getenv(), System.getProperty("user.home"));
  }

  static Path folder(Map<String, String> environment, String userHome) {
    String own = environment.getOrDefault("WHETSTONE_HOME", "");
    if (!own.isEmpty()) {
      return Path.of(own).toAbsolutePath();
    }
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    return (cache.isEmpty() ? Path.of(userHome, ".cache") : Path.of(cache)).resolve("whetstone");
  }
}
