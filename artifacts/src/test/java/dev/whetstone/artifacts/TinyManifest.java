package dev.whetstone.artifacts;

import java.util.List;
import java.util.Map;

/** A manifest of made-up work. */
public final class TinyManifest {
  private TinyManifest() {}

  public static Manifest of(String format, Ancestor... lineage) {
    return new Manifest(
        format,
        "sha256:id",
        "sha256:content",
        Map.of("sources/0", "sha256:raw"),
        Json.mapper().createObjectNode().put("seed", 0),
        Json.mapper().createObjectNode().put("kept", 3),
        Map.of("shuffle", 1L),
        Map.of("java", "17"),
        List.of(lineage),
        "2026-01-02T03:04:05Z",
        1.5);
  }
}
