package dev.whetstone.artifacts;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Golden files; {@code make.py} beside them made them and names its versions. */
public final class Golden {
  private Golden() {}

  public static Path file(String name) {
    try {
      return Path.of(Golden.class.getResource("golden/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
