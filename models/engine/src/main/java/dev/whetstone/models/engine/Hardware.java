package dev.whetstone.models.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.util.cuda.CudaUtils;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SystemMemory;
import java.util.OptionalLong;

/** What computes. */
public enum Hardware {
  CPU,
  GPU;

  /**
   * The hardware of a name.
   *
   * @param name {@code cpu}, {@code gpu}, or {@code auto} for a GPU where there is one
   * @throws BadInputException if there is no GPU, or the name is unknown
   */
  public static Hardware of(String name) {
    return switch (name) {
      case "cpu" -> CPU;
      case "auto" -> hasGpu() ? GPU : CPU;
      case "gpu" -> {
        if (!hasGpu()) {
          throw new BadInputException(
              "device gpu: libtorch finds no CUDA device; see whetstone doctor, or take device"
                  + " auto.");
        }
        yield GPU;
      }
      default ->
          throw new BadInputException("unknown device \"" + name + "\"; known: auto, cpu, gpu");
    };
  }

  private static boolean hasGpu() {
    return Engine.getEngine("PyTorch").getGpuCount() > 0;
  }

  Device device() {
    return this == GPU ? Device.gpu() : Device.cpu();
  }

  /** Bytes of its memory that are free. */
  public OptionalLong availableBytes() {
    return this == GPU
        ? OptionalLong.of(
            CudaUtils.getGpuMemory(Device.gpu()).getMax()
                - CudaUtils.getGpuMemory(Device.gpu()).getCommitted())
        : SystemMemory.availableBytes();
  }
}
