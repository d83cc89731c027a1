package dev.whetstone.models.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.util.cuda.CudaUtils;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SystemMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

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

  /** What its driver calls it. */
  public String deviceName() {
    if (this == CPU) {
      return "the CPU";
    }
    try (Stream<Path> gpus = Files.list(Path.of("/proc/driver/nvidia/gpus"))) {
      for (Path gpu : gpus.sorted().toList()) {
        for (String line : Files.readAllLines(gpu.resolve("information"))) {
          if (line.startsWith("Model:")) {
            return line.substring("Model:".length()).strip();
          }
        }
      }
    } catch (IOException e) {
      // Containers may hide the folder, which only costs the name.
    }
    return "a GPU of compute capability " + CudaUtils.getComputeCapability(0);
  }

  /**
   * Most bytes that were held: by this process on a CPU; on a GPU by all, now, since libtorch's
   * allocator gives nothing back.
   */
  public OptionalLong peakBytes() {
    return this == GPU
        ? OptionalLong.of(CudaUtils.getGpuMemory(Device.gpu()).getCommitted())
        : SystemMemory.peakBytes();
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
