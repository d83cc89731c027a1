package dev.whetstone.models.engine.doctor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
import dev.whetstone.artifacts.WhetstoneHome;
import dev.whetstone.models.text.Tokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Looks at this machine, one thing a method. {@link #look} is the page. */
final class Doctor {
  /** Weights of a 1.7 B model in float32, and room to work: what fine-tuning starts to need. */
  private static final long MEMORY_BYTES = 8L << 30;

  /** The quickstart's model, dataset and results. */
  private static final long DISK_BYTES = 4L << 30;

  private static final int SIDE = 1024;

  /** There where the driver is loaded. */
  private static final Path NVIDIA_DRIVER = Path.of("/dev/nvidiactl");

  private Doctor() {}

  static List<Finding> look() {
    return List.of(
        java(),
        memory(),
        found("libtorch", Doctor::libtorch),
        found("gpu", Doctor::gpu),
        found("tokenizers", Doctor::tokenizers),
        disk("WHETSTONE_HOME", WhetstoneHome.folder()),
        disk("this folder", Path.of("").toAbsolutePath()),
        program("pip", "fetch pypi:...", "python3", "-m", "pip", "--version"),
        program("chromium", "page tests", "chromium", "--version"),
        program("maven", "building", "mvn", "--version"));
  }

  private static Finding java() {
    String found = System.getProperty("java.vm.name") + " " + Runtime.version();
    return Runtime.version().feature() >= 17
        ? Finding.good("java", found)
        : Finding.bad("java", found, "install a JDK, 17 or newer");
  }

  private static Finding memory() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long bytes = system.getTotalMemorySize();
    String found =
        String.format(
            Locale.ROOT,
            "%d processors, %.1f GiB of memory, %.1f GiB of Java heap at most",
            Runtime.getRuntime().availableProcessors(),
            gib(bytes),
            gib(Runtime.getRuntime().maxMemory()));
    return bytes >= MEMORY_BYTES
        ? Finding.good("machine", found)
        : Finding.lacking("machine", found, "take small models: training wants 8 GiB and more");
  }

  /** Loading native code fails with errors of the linker, which are no exceptions. */
  private static Finding found(String thing, Supplier<Finding> look) {
    try {
      return look.get();
    } catch (RuntimeException | LinkageError e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      return Finding.bad(
          thing,
          "cannot be loaded on %s %s: %s"
              .formatted(
                  System.getProperty("os.name"), System.getProperty("os.arch"), root.getMessage()),
          "see README for the platforms that are served");
    }
  }

  private static Finding libtorch() {
    Engine engine = Engine.getEngine("PyTorch");
    double gigaflops;
    try (NDManager manager = engine.newBaseManager()) {
      var square = manager.ones(new Shape(SIDE, SIDE));
      square.matMul(square).toFloatArray(); // the first one starts the threads
      long start = System.nanoTime();
      square.matMul(square).toFloatArray();
      gigaflops = 2.0 * SIDE * SIDE * SIDE / (System.nanoTime() - start);
    }
    return Finding.good(
        "libtorch",
        String.format(
            Locale.ROOT,
            "%s by DJL %s, float32 products at %.0f GFLOP/s",
            engine.getVersion(),
            Engine.getDjlVersion(),
            gigaflops));
  }

  private static Finding gpu() {
    Engine engine = Engine.getEngine("PyTorch");
    int count = engine.getGpuCount();
    if (count > 0) {
      return Finding.good("gpu", count + " by CUDA");
    }
    return Files.exists(NVIDIA_DRIVER)
        ? Finding.lacking(
            "gpu",
            "one of NVIDIA, which this libtorch does not see",
            "make an environment with torch==%s and name it in WHETSTONE_TORCH (docs/training.md)"
                .formatted(engine.getVersion()))
        : Finding.lacking("gpu", "none", "models run on the processor, in float32");
  }

  private static Finding tokenizers() {
    try {
      Path folder = Files.createTempDirectory("whetstone-doctor");
      Path file = folder.resolve("tokenizer.json");
      try {
        Files.writeString(
            file,
            "{\"version\": \"1.0\", \"added_tokens\": [], \"model\": {\"type\": \"WordLevel\","
                + " \"vocab\": {\"whetstone\": 0, \"?\": 1}, \"unk_token\": \"?\"}}");
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
          int[] ids = tokenizer.encode("whetstone", false);
          return ids.length == 1 && ids[0] == 0
              ? Finding.good("tokenizers", "Hugging Face's, loaded")
              : Finding.bad("tokenizers", "a word became " + ids.length + " tokens", "report it");
        }
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      return Finding.bad(
          "tokenizers", "no temporary file: " + e.getMessage(), "free space in java.io.tmpdir");
    }
  }

  private static Finding disk(String thing, Path folder) {
    Path there = folder;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    long free = there.toFile().getUsableSpace();
    String found = String.format(Locale.ROOT, "%s, %.1f GiB free", folder, gib(free));
    if (!Files.isWritable(there)) {
      return Finding.bad(thing, found + ", not writable", "choose another folder");
    }
    return free >= DISK_BYTES
        ? Finding.good(thing, found)
        : Finding.lacking(thing, found, "free space; whetstone gc helps");
  }

  /** A program that only {@code purpose} needs. */
  private static Finding program(String thing, String purpose, String... command) {
    String advice = "install it for " + purpose;
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close(); // nothing asks a question
      // Before its few lines are read: reading would wait for as long as it hangs.
      if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        return Finding.lacking(thing, "does not answer", advice);
      }
      byte[] output = process.getInputStream().readAllBytes();
      // Start scripts complain of this and that before the version comes.
      String version =
          new String(output, StandardCharsets.UTF_8)
              .replaceAll("\\e\\[[0-9;]*m", "")
              .lines()
              .filter(line -> line.matches(".*\\d+\\.\\d+.*"))
              .findFirst()
              .orElse("of unknown version");
      return Finding.good(thing, version.strip());
    } catch (IOException e) {
      return Finding.lacking(thing, "none on the PATH", advice);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Finding.lacking(thing, "interrupted", advice);
    }
  }

  private static double gib(long bytes) {
    return bytes / (double) (1L << 30);
  }
}
