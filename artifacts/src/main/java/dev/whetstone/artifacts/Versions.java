package dev.whetstone.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What made an artifact: Whetstone's commit, the JDK, the system. The launcher passes the commit as
 * system properties; in a jar for a cluster, {@code whetstone.properties} holds it.
 */
public final class Versions {
  private static final Properties PACKAGED = packaged();

  private Versions() {}

  private static Properties packaged() {
    var facts = new Properties();
    try (InputStream in = Versions.class.getResourceAsStream("/whetstone.properties")) {
      if (in != null) {
        facts.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("whetstone.properties in our own jar cannot be read", e);
    }
    return facts;
  }

  private static String fact(String name, String unknown) {
    return System.getProperty("whetstone." + name, PACKAGED.getProperty(name, unknown));
  }

  /**
   * Versions for a manifest.
   *
   * @param more what the room adds: libraries by name, {@code device}
   */
  public static Map<String, String> current(Map<String, String> more) {
    var versions = new TreeMap<String, String>();
    versions.put("whetstone", fact("version", "development"));
    versions.put("commit", fact("commit", "unknown"));
    versions.put("dirty", fact("dirty", "unknown"));
    versions.put("java", Runtime.version().toString());
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    versions.putAll(more);
    return versions;
  }
}
