package dev.whetstone.models.engine;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.result.EvaluationProcess;
import dev.whetstone.artifacts.result.EvaluationProcess.Score;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.GgufType;
import dev.whetstone.models.engine.hub.GgufModel;
import dev.whetstone.models.engine.hub.WeightError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A quantised GGUF file of a model, and what it costs: size, weights, answers. */
@Command(
    name = "quantize",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model as a quantised GGUF file and tells what that costs: sizes, how far the",
      "weights move and, with --tasks, the scores of the model before and after. Prints the folder."
    },
    footer = {
      "",
      "Example:",
      "  whetstone quantize --model models/orders --to q4_0 --out out/orders-q4 --tasks orders",
      "      --include-path tasks --limit 100"
    })
final class QuantizeCommand implements Callable<Integer> {
  static final String FORMAT = "whetstone.quantized/1";

  private static final int BEHAVIOUR_VERSION = 1;

  /** Spellings of the types. */
  enum Form {
    q8_0(GgufType.Q8_0),
    q4_0(GgufType.Q4_0);

    final GgufType type;

    Form(GgufType type) {
      this.type = type;
    }
  }

  /** A metric of a task on the original and on the quantised model. */
  private record Loss(String task, String metric, double before, double after) {}

  /**
   * What quantising costs.
   *
   * @param file that was written
   * @param losses empty where no tasks were named
   */
  private record Cost(
      String file,
      long sizeBytesBefore,
      long sizeBytesAfter,
      WeightError weightError,
      List<Loss> losses) {
    void print() {
      System.err.printf(
          Locale.ROOT,
          "size          %.1f MB before, %.1f MB after (%.1f %%)%n",
          sizeBytesBefore / 1e6,
          sizeBytesAfter / 1e6,
          100.0 * sizeBytesAfter / sizeBytesBefore);
      System.err.printf(
          Locale.ROOT,
          "weight error  %.3g at worst (%s), %.3g in the mean, %.2f %% of the weights' size%n",
          weightError.worst(),
          weightError.worstTensor(),
          weightError.mean(),
          100 * weightError.relative());
      for (Loss loss : losses) {
        System.err.printf(
            Locale.ROOT,
            "%-13s %s: %.4f before, %.4f after, difference %+.4f%n",
            loss.task(),
            loss.metric(),
            loss.before(),
            loss.after(),
            loss.after() - loss.before());
      }
    }
  }

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "model folder")
  private Path model;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "TYPE",
      description = "${COMPLETION-CANDIDATES}: 8.5 or 4.5 bits a weight")
  private Form form;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder to write")
  private Path out;

  @Option(
      names = "--tasks",
      paramLabel = "A,B",
      description = "evaluate both models on these tasks, as eval does")
  private String tasks;

  @Option(
      names = {"--include-path", "--include_path"},
      paramLabel = "DIR",
      description = "further tasks, for eval")
  private Path includePath;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "only the first so many documents of each task")
  private Integer limit;

  @Option(
      names = {"--apply-chat-template", "--apply_chat_template"},
      description = "prompts as a conversation, for eval")
  private boolean chat;

  @Option(names = "--overwrite", description = "replace what is there")
  private boolean overwrite;

  /** What is asked for, as the manifest keeps it. */
  private record Section(Form to, String tasks, Integer limit, boolean applyChatTemplate) {}

  @Override
  public Integer call() throws IOException {
    ModelFolder original = ModelFolder.open(model);
    Ancestor link = original.asAncestor();
    Map<String, String> inputs = Map.of("model", link.content());
    var section = new Section(form, tasks, limit, chat);
    String id = StepId.of("quantize", BEHAVIOUR_VERSION, section, inputs);
    Optional<ArtifactFolder> begun = ArtifactFolder.begin(out, FORMAT, id, overwrite);
    if (begun.isEmpty()) {
      System.err.printf("quantize: %s is unchanged, reused%n", out);
    } else {
      try (ArtifactFolder folder = begun.get()) {
        quantise(original, link, section, inputs, folder);
      }
    }
    System.out.println(out);
    return 0;
  }

  private void quantise(
      ModelFolder original,
      Ancestor link,
      Section section,
      Map<String, String> inputs,
      ArtifactFolder folder)
      throws IOException {
    Instant started = Instant.now();
    Path file = out.resolve(name(original) + "." + form.type + ".gguf");
    ExportCommand.writeGguf(original, form.type, file);
    var cost =
        new Cost(
            file.getFileName().toString(),
            sizeBytes(original.path()),
            Files.size(file),
            WeightError.of(original, file),
            tasks == null ? List.of() : losses(original, file));
    folder.finish(
        new Manifest(
            FORMAT,
            folder.stepId(),
            ContentHash.of("quantized/1").add(link.content()).add(form.name()).finish(),
            inputs,
            Json.mapper().valueToTree(section),
            Json.mapper().valueToTree(cost),
            Map.of(),
            Versions.current(EngineVersions.of(Hardware.CPU)),
            original.lineageThrough(link),
            started.toString(),
            Duration.between(started, Instant.now()).toMillis() / 1e3));
    cost.print();
  }

  private static String name(ModelFolder model) {
    return model
        .manifest()
        .map(manifest -> manifest.recipe().path("name").asText(""))
        .filter(name -> name.matches("[\\w.-]+"))
        .orElseGet(() -> model.path().toAbsolutePath().normalize().getFileName().toString());
  }

  private static long sizeBytes(Path folder) throws IOException {
    long size = 0;
    try (var files = Files.newDirectoryStream(folder, "*.safetensors")) {
      for (Path file : files) {
        size += Files.size(file);
      }
    }
    return size;
  }

  /** Evaluates the model and what our reader makes of the file, which is the quantised model. */
  private List<Loss> losses(ModelFolder original, Path file) {
    Path quantised = out.resolve("model");
    String id = GgufModel.id(file, file.getFileName().toString(), Dtype.F32);
    try (ArtifactFolder folder =
        ArtifactFolder.begin(quantised, ModelFolder.FORMAT, id, true).orElseThrow()) {
      GgufModel.convert(file, folder, file.getFileName().toString(), Dtype.F32);
    }
    List<Score> before = evaluate(original.path(), out.resolve("eval-before"));
    List<Score> after = evaluate(quantised, out.resolve("eval-after"));
    ArtifactFolder.delete(quantised); // as large as the original; the file says the same
    var losses = new ArrayList<Loss>();
    for (Score score : before) {
      after.stream()
          .filter(
              other -> other.task().equals(score.task()) && other.metric().equals(score.metric()))
          .forEach(
              other ->
                  losses.add(new Loss(score.task(), score.metric(), score.value(), other.value())));
    }
    return losses;
  }

  private List<Score> evaluate(Path evaluated, Path result) {
    var options = new ArrayList<>(List.of("--model", evaluated.toString(), "--tasks", tasks));
    if (includePath != null) {
      options.addAll(List.of("--include-path", includePath.toString()));
    }
    if (limit != null) {
      options.addAll(List.of("--limit", limit.toString()));
    }
    if (chat) {
      options.add("--apply-chat-template");
    }
    return EvaluationProcess.run(
        options,
        result,
        code ->
            "--tasks: eval ended with exit code %d, as told above; the file is in %s, and the same command goes on with the scores."
                .formatted(code, out));
  }
}
