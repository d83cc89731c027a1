package dev.whetstone.models.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.HubCache;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.GgufType;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import dev.whetstone.models.engine.hub.AdapterExport;
import dev.whetstone.models.engine.hub.GgufExport;
import dev.whetstone.models.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whetstone export} of a model or an adapter; that of a dataset is another room's. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model or an adapter as llama.cpp and other engines read it, and prints the file or",
      "folder. Of a dataset, export writes rows for other trainers: whetstone export --help tells"
          + " more."
    },
    footer = {
      "",
      "Forms:",
      "  gguf-f16, gguf-q8_0, gguf-q4_0, gguf-bf16, gguf-f32   a model as one GGUF file",
      "  safetensors-bf16                                      a model in half the size",
      "  gguf-adapter                                          an adapter for a GGUF model",
      "",
      "Examples:",
      "  whetstone export models/orders --to gguf-q8_0 --out orders.gguf",
      "  whetstone export models/orders --to safetensors-bf16 --out models/orders-bf16",
      "  whetstone export out/run/adapter --model models/smollm2 --to gguf-adapter --out"
          + " orders-lora.gguf"
    })
final class ExportCommand implements Callable<Integer> {
  private static final int BEHAVIOUR_VERSION = 1;

  /** As transformers 4 cuts; version 5 cuts at ten times as much. */
  private static final long SHARD_BYTES = 5_000_000_000L;

  private static final String BFLOAT16 = "safetensors-bf16";
  private static final String ADAPTER = "gguf-adapter";
  private static final String GGUF = "gguf-";

  @Parameters(paramLabel = "MODEL|ADAPTER", description = "model folder or adapter folder")
  private Path artifact;

  @Option(names = "--to", required = true, paramLabel = "FORM", description = "see below")
  private String form;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "the model that an adapter was trained on")
  private Path model;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE|DIR",
      description = "the .gguf file or the folder to write")
  private Path out;

  @Option(names = "--overwrite", description = "replace what is there")
  private boolean overwrite;

  @Override
  public Integer call() throws IOException {
    boolean isAdapter = Files.exists(HubCache.locate(artifact).resolve(AdapterFolder.CONFIG_FILE));
    Optional<GgufType> type =
        Arrays.stream(GgufType.values()).filter(known -> form.equals(key(known))).findFirst();
    if (type.isEmpty() && !Set.of(BFLOAT16, ADAPTER).contains(form)) {
      throw new BadInputException(
          "--to: unknown form \"%s\" of a model or adapter; known: %s, %s, %s."
              .formatted(
                  form,
                  Arrays.stream(GgufType.values())
                      .map(ExportCommand::key)
                      .collect(Collectors.joining(", ")),
                  BFLOAT16,
                  ADAPTER));
    }
    if (isAdapter != form.equals(ADAPTER)) {
      throw new BadInputException(
          isAdapter
              ? "%s: an adapter can only be exported --to %s; merge it first for --to %s: whetstone merge --model MODEL --adapter %s --out DIR."
                  .formatted(artifact, ADAPTER, form, artifact)
              : "%s: expected an adapter folder for --to %s, found none."
                  .formatted(artifact, form));
    }
    if (form.equals(BFLOAT16)) {
      toBfloat16(ModelFolder.open(artifact));
    } else {
      checkFile();
      if (isAdapter) {
        toAdapterFile();
      } else {
        writeGguf(ModelFolder.open(artifact), type.orElseThrow(), out);
      }
    }
    System.out.println(out);
    return 0;
  }

  private static String key(GgufType type) {
    return GGUF + type.name().toLowerCase(Locale.ROOT);
  }

  private void checkFile() throws IOException {
    if (Files.isDirectory(out) || !out.toString().endsWith(".gguf")) {
      throw new BadInputException(
          "--out: expected a file whose name ends with .gguf for --to %s, found %s."
              .formatted(form, out));
    }
    if (Files.exists(out) && !overwrite) {
      throw new BadInputException(out + ": is there already; pass --overwrite to replace it.");
    }
    createFolders(out.toAbsolutePath().getParent());
  }

  private static void createFolders(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }

  /** Writes a model as GGUF; its weights are read from the folder. */
  static void writeGguf(ModelFolder model, GgufType type, Path file) {
    try (TensorSource weights = model.weights();
        Tokenizer tokenizer = Tokenizer.open(model.path())) {
      GgufExport.write(model, weights, LoadedModel.ends(model, tokenizer), file, type);
    }
  }

  private void toAdapterFile() {
    if (model == null) {
      throw new BadInputException(
          "--to %s: needs --model, the model that %s was trained on, whose architecture and order of rows it takes."
              .formatted(ADAPTER, artifact));
    }
    ModelFolder base = ModelFolder.open(model);
    AdapterFolder adapter = AdapterFolder.open(artifact);
    AdapterMerge.tellOfOtherBase(base, adapter);
    DecoderConfig config = DecoderConfig.of(base);
    try (TensorSource tensors = adapter.tensors()) {
      DecoderConfig fitting = AdapterMerge.unties(tensors, config) ? config.untied() : config;
      AdapterMerge.check(tensors, DecoderTensors.shapes(fitting), adapter.path(), base.path());
    }
    AdapterExport.write(adapter, base, out);
  }

  private void toBfloat16(ModelFolder original) throws IOException {
    Instant started = Instant.now();
    Ancestor link = original.asAncestor();
    Map<String, String> inputs = Map.of("model", link.content());
    String id = StepId.of("export", BEHAVIOUR_VERSION, Map.of("to", form), inputs);
    Optional<ArtifactFolder> begun = ArtifactFolder.begin(out, ModelFolder.FORMAT, id, overwrite);
    if (begun.isEmpty()) {
      System.err.println("export: unchanged, reused " + out);
      return;
    }
    try (ArtifactFolder folder = begun.get();
        TensorSource weights = original.weights()) {
      folder.clear();
      MergeCommand.copyFiles(original.path(), out);
      var config = (ObjectNode) original.config();
      if (config.has("dtype")) { // transformers 5 writes it, and reads both
        config.put("dtype", "bfloat16");
      }
      config.put("torch_dtype", "bfloat16");
      Files.writeString(out.resolve("config.json"), Json.pretty(config));
      Safetensors.copyToFolder(weights, out, SHARD_BYTES);
      folder.finish(
          MergeCommand.manifest(
              out,
              "bfloat16",
              original.parameters(),
              id,
              inputs,
              original.lineageThrough(link),
              started));
    }
  }
}
