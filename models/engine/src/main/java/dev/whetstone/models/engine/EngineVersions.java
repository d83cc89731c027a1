package dev.whetstone.models.engine;

import ai.djl.engine.Engine;
import java.util.Map;

/** What computes: for the manifests of runs and results. */
public final class EngineVersions {
  private EngineVersions() {}

  /** DJL and libtorch as they are loaded, and the device: {@code cpu}, or the GPU's name. */
  public static Map<String, String> of(Hardware hardware) {
    return Map.of(
        "device", hardware == Hardware.CPU ? "cpu" : hardware.deviceName(),
        "djl", Engine.getDjlVersion(),
        "libtorch", Engine.getEngine("PyTorch").getVersion());
  }
}
