package dev.whetstone.models.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A model folder of its own from a model and an adapter. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    description =
        "Merges an adapter into a model's weights, in float32, and prints the new model folder.",
    footer = {
      "",
      "Example:",
      "  whetstone merge --model models/smollm2 --adapter out/run/adapter --out models/orders"
    })
final class MergeCommand implements Callable<Integer> {
  private static final int BEHAVIOUR_VERSION = 1;
  private static final int PROBES = 8;
  private static final int PROBE_TOKENS = 128;
  private static final int PROBE_ANSWER = 16;

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "model folder")
  private Path model;

  @Option(names = "--adapter", required = true, paramLabel = "DIR", description = "adapter folder")
  private Path adapter;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder to write")
  private Path out;

  @Option(names = "--overwrite", description = "replace a finished folder")
  private boolean overwrite;

  @Option(
      names = "--verify",
      paramLabel = "TEXT",
      description =
          "a text, UTF-8: tells how near the merged weights, and these as bfloat16, are to the"
              + " adapter on its first tokens")
  private Path verify;

  @Override
  public Integer call() throws IOException {
    Instant started = Instant.now();
    ModelFolder base = ModelFolder.open(model);
    AdapterFolder added = AdapterFolder.open(adapter);
    AdapterMerge.tellOfOtherBase(base, added);
    Map<String, String> inputs = Map.of("model", base.content(), "adapter", added.content());
    String id = StepId.of("merge", BEHAVIOUR_VERSION, Map.of(), inputs);
    try (TensorSource weights = base.weights();
        TensorSource pairs = added.tensors()) {
      // Faults of the input are told before anything is written.
      var merged = new MergedTensors(weights, base, pairs, added);
      Optional<ArtifactFolder> begun = ArtifactFolder.begin(out, ModelFolder.FORMAT, id, overwrite);
      if (begun.isEmpty()) {
        System.err.println("merge: unchanged, reused " + out);
      } else {
        try (ArtifactFolder folder = begun.get()) {
          folder.clear();
          copyFiles(base.path(), out);
          if (merged.isUntied()) {
            var config = (ObjectNode) base.config();
            config.put("tie_word_embeddings", false);
            Files.writeString(out.resolve("config.json"), Json.pretty(config));
          }
          Safetensors.copy(
              merged,
              Map.of(),
              out.resolve(Safetensors.MODEL_FILE),
              Dtype.F32,
              Safetensors.PT_METADATA);
          folder.finish(manifest(base, added, merged, id, inputs, started));
        }
      }
    }
    if (verify != null) {
      Equivalence found = Equivalence.measure(base, added, probes(base), PROBE_ANSWER);
      System.err.printf("merged    %s%nbfloat16  %s%n", found.merged(), found.bfloat16());
    }
    System.out.println(out);
    return 0;
  }

  /** The first tokens of the text in pieces. */
  private List<int[]> probes(ModelFolder base) {
    int[] tokens;
    try (Tokenizer tokenizer = Tokenizer.open(base.path())) {
      tokens = tokenizer.encode(InputFile.text(verify, "a text"), false);
    }
    var probes = new ArrayList<int[]>();
    for (int at = 0; at + 2 <= tokens.length && probes.size() < PROBES; at += PROBE_TOKENS) {
      probes.add(Arrays.copyOfRange(tokens, at, Math.min(tokens.length, at + PROBE_TOKENS)));
    }
    return probes;
  }

  /** All but weights and manifest. */
  static void copyFiles(Path base, Path out) throws IOException {
    try (var files = Files.newDirectoryStream(base, "*.{json,jinja,model,txt}")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!name.equals(Manifest.FILE) && !name.equals(Safetensors.INDEX_FILE)) {
          Files.copy(file, out.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private Manifest manifest(
      ModelFolder base,
      AdapterFolder added,
      TensorSource merged,
      String id,
      Map<String, String> inputs,
      Instant started) {
    var lineage = new ArrayList<Ancestor>(added.config().lineage());
    if (lineage.stream().noneMatch(ancestor -> ancestor.kind().equals("model"))) {
      lineage.add(base.asAncestor());
    }
    lineage.add(added.asAncestor());
    long parameters =
        merged.names().stream().mapToLong(name -> Safetensors.elements(merged.shape(name))).sum();
    return manifest(out, "float32", parameters, id, inputs, lineage, started);
  }

  /** Of a model folder that was made of another one. */
  static Manifest manifest(
      Path out,
      String dtype,
      long parameters,
      String id,
      Map<String, String> inputs,
      List<Ancestor> lineage,
      Instant started) {
    String name = out.toAbsolutePath().normalize().getFileName().toString();
    return new Manifest(
        ModelFolder.FORMAT,
        id,
        ModelFolder.contentOf(out),
        inputs,
        Json.mapper().valueToTree(Map.of("name", name, "dtype", dtype)),
        Json.mapper().valueToTree(Map.of("parameters", parameters)),
        Map.of(),
        Versions.current(Map.of()),
        List.copyOf(lineage),
        started.toString(),
        Duration.between(started, Instant.now()).toMillis() / 1e3);
  }
}
