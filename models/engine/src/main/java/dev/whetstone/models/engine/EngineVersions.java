package dev.whetstone.models.engine;

import ai.djl.engine.Engine;
import java.util.Map;

/** What computes: for the manifests of runs and results. */
public final class EngineVersions {
  private EngineVersions() {}

  /** DJL and libtorch as they are loaded, and the device. */
  public static Map<String, String> current() {
    return Map.of(
        "device", "cpu",
        "djl", Engine.getDjlVersion(),
        "libtorch", Engine.getEngine("PyTorch").getVersion());
  }
}
