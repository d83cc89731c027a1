package dev.whetstone.models.engine;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
  static final String FILE = "quantize.json";

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

  @Override
  public Integer call() throws IOException {
    ModelFolder original = ModelFolder.open(model);
    prepare();
    Path file = out.resolve(name(original) + "." + form.type + ".gguf");
    ExportCommand.writeGguf(original, form.type, file);
    WeightError error = WeightError.of(original, file);
    var told = new LinkedHashMap<String, Object>();
    told.put("format", FORMAT);
    told.put("model", original.content());
    told.put("type", form.name());
    told.put("file", file.getFileName().toString());
    told.put("size_bytes_before", sizeBytes(original.path()));
    told.put("size_bytes_after", Files.size(file));
    told.put("weight_error", error);
    told.put("losses", List.of());
    ArtifactFolder.writeAtomically(out.resolve(FILE), Json.pretty(told));
    List<Loss> losses = tasks == null ? List.of() : losses(original, file);
    told.put("losses", losses);
    ArtifactFolder.writeAtomically(out.resolve(FILE), Json.pretty(told));
    print(told, error, losses);
    System.out.println(out);
    return 0;
  }

  /** {@value #FILE} tells a folder of ours, which may be replaced. */
  private void prepare() throws IOException {
    if (Files.isDirectory(out)) {
      try (Stream<Path> files = Files.list(out)) {
        boolean ours = Files.exists(out.resolve(FILE));
        if (files.findAny().isPresent() && !(ours && overwrite)) {
          throw new BadInputException(
              ours
                  ? out + ": holds a quantised model; choose another --out or pass --overwrite."
                  : out
                      + ": expected a new or empty folder, found other files; choose another"
                      + " --out.");
        }
      }
      ArtifactFolder.delete(out);
    }
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(out, e);
    }
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
            "--tasks: eval ended with exit code %d, as told above; %s is finished but for the scores."
                .formatted(code, out));
  }

  private static void print(Map<String, Object> told, WeightError error, List<Loss> losses) {
    long before = (long) told.get("size_bytes_before");
    long after = (long) told.get("size_bytes_after");
    System.err.printf(
        Locale.ROOT,
        "size          %.1f MB before, %.1f MB after (%.1f %%)%n",
        before / 1e6,
        after / 1e6,
        100.0 * after / before);
    System.err.printf(
        Locale.ROOT,
        "weight error  %.3g at worst (%s), %.3g in the mean, %.2f %% of the weights' size%n",
        error.worst(),
        error.worstTensor(),
        error.mean(),
        100 * error.relative());
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
