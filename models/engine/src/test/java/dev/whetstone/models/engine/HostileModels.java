package dev.whetstone.models.engine;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SystemMemory;
import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.HostileFolders.Hostile;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A program for a JVM of its own: opens spoilt models as the commands do and uses what opens. Two
 * lines a model on standard output: {@code begin N WHAT} and {@code end N MILLIS OUTCOME}; an
 * outcome is {@code loaded}, {@code refused: SENTENCE} or {@code defect: EXCEPTION}.
 */
public final class HostileModels {
  /** Longer than the part of a tiny GGUF file that is not tensors. */
  private static final int GGUF_HEAD_BYTES = 4096;

  private static final String TEXT = "the order of 12 tins \uD800 and \0 more";

  private HostileModels() {}

  /**
   * @param arguments a folder for valid models, one for spoilt ones, a valid GGUF file, and how
   *     many of each kind
   */
  public static void main(String... arguments) throws IOException {
    var folders = new HostileFolders(Path.of(arguments[0]));
    folders.makeValid();
    Path work = Path.of(arguments[1]);
    byte[] gguf = Files.readAllBytes(Path.of(arguments[2]));
    int count = Integer.parseInt(arguments[3]);
    for (long seed = 0; seed < count; seed++) {
      Path folder = work.resolve("m" + seed);
      Hostile hostile = folders.write(seed, folder);
      run(seed, hostile.what(), () -> use(hostile));
      Path file = spoilt(gguf, seed, work);
      run(count + seed, "GGUF", () -> fetch(file, folder.resolve("fetched")));
      ArtifactFolder.delete(folder);
    }
    tellPeak();
  }

  /** The most memory that this process has had, in KiB. */
  static void tellPeak() {
    System.out.println("peak " + SystemMemory.peakBytes().orElseThrow() / 1024);
  }

  interface Use {
    void run() throws IOException;
  }

  static void run(long number, String what, Use use) {
    System.out.printf("begin %d %s%n", number, what);
    long start = System.nanoTime();
    String outcome;
    try {
      use.run();
      outcome = "loaded";
    } catch (BadInputException e) {
      outcome = "refused: " + e.getMessage();
    } catch (IOException | RuntimeException | Error e) {
      e.printStackTrace();
      outcome = "defect: " + e;
    }
    System.out.printf(
        "end %d %d %s%n",
        number, (System.nanoTime() - start) / 1_000_000, outcome.replaceAll("\\s+", " "));
  }

  private static void use(Hostile hostile) {
    ModelFolder model = ModelFolder.open(hostile.model());
    use(model, Optional.of(AdapterFolder.open(hostile.adapter())));
    var lora = LoraConfig.plain(2, 4, List.of("q_proj"));
    try (TrainableModel trainable =
        TrainableModel.load(model, lora, TrainableModel.Tuning.plain(0))) {
      int[] tokens = {1, 2, 3, 4};
      double loss =
          Arrays.stream(trainable.nats(new PackedRow(tokens, tokens, new int[] {4}))).sum();
      check(loss);
    }
  }

  static void use(ModelFolder model, Optional<AdapterFolder> adapter) {
    try (LoadedModel loaded = LoadedModel.open(model, adapter)) {
      int[] tokens = loaded.tokenizer().encode(TEXT, true);
      loaded.tokenizer().encodeWithOffsets(TEXT, false);
      if (tokens.length < 3) { // a spoilt vocabulary may know none of it
        tokens = new int[] {0, 1, 2};
      }
      int[] context = Arrays.copyOf(tokens, 2);
      int[] rest = Arrays.copyOfRange(tokens, 2, tokens.length);
      check(loaded.score(List.of(new ScoreRequest(context, rest)), done -> {}).get(0).sum());
      loaded.generate(List.of(new GenerateRequest(tokens, 8, List.of("\n"))), done -> {});
      loaded
          .chatTemplate()
          .ifPresent(
              template ->
                  template.render(
                      List.of(Map.of("role", "user", "content", TEXT)), List.of(), true));
    }
  }

  private static void check(double nats) {
    if (!Double.isFinite(nats)) {
      throw new IllegalStateException("computed " + nats);
    }
  }

  private static Path spoilt(byte[] gguf, long seed, Path work) throws IOException {
    var random = new Random(seed);
    byte[] bytes = gguf;
    if (random.nextInt(4) > 0) { // the head is where most can go wrong
      byte[] head = HostileFolders.spoilBytes(Arrays.copyOf(gguf, GGUF_HEAD_BYTES), random);
      bytes = Arrays.copyOf(head, head.length + gguf.length - GGUF_HEAD_BYTES);
      System.arraycopy(gguf, GGUF_HEAD_BYTES, bytes, head.length, gguf.length - GGUF_HEAD_BYTES);
    } else {
      bytes = HostileFolders.spoilBytes(gguf, random);
    }
    return Files.write(work.resolve("g" + seed + ".gguf"), bytes);
  }

  /** As the command does it, standard error and exit code included. */
  static void fetch(Path gguf, Path to) throws IOException {
    PrintStream before = System.err;
    PrintStream output = System.out;
    var captured = new ByteArrayOutputStream();
    int code;
    try {
      System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
      System.setOut(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
      code = Commands.run(new EngineMain(), "fetch", gguf.toString(), "--to", to.toString());
    } finally {
      System.setErr(before);
      System.setOut(output);
    }
    List<String> said =
        captured
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("whetstone: "))
            .toList();
    if (code == 0) {
      use(ModelFolder.open(to), Optional.empty());
    } else if (code == Commands.BAD_INPUT && said.size() == 1 && !Files.exists(to)) {
      throw new BadInputException(said.get(0));
    } else {
      throw new IllegalStateException(
          "exit code %d, %s left: %s"
              .formatted(code, Files.exists(to) ? "a folder" : "nothing", captured));
    }
  }
}
