package dev.whetstone.artifacts;

import java.util.Map;
import java.util.TreeMap;

/**
 * What made an artifact: Whetstone's commit, the JDK, the system. The launcher passes the commit as
 * system properties.
 */
public final class Versions {
  private Versions() {}

  /**
   * Versions for a manifest.
   *
   * @param more what the room adds: libraries by name, {@code device}
   */
  public static Map<String, String> current(Map<String, String> more) {
    var versions = new TreeMap<String, String>();
    versions.put("whetstone", System.getProperty("whetstone.version", "development"));
    versions.put("commit", System.getProperty("whetstone.commit", "unknown"));
    versions.put("dirty", System.getProperty("whetstone.dirty", "unknown"));
    versions.put("java", Runtime.version().toString());
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    versions.putAll(more);
    return versions;
  }
}
