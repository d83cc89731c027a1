import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SystemMemory;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * What the engine does in a second: one forward pass of 1,024 tokens, greedy decoding of 64 tokens
 * after 64 at batch 1 and 8, and the most memory that the process held. Its twin for transformers is
 * acceptance/peers/speed_engine.py.
 *
 * <pre>java @ARGUMENTS benchmarks/EngineSpeed.java MODEL TEXT ROUNDS</pre>
 */
public final class EngineSpeed {
  private static final int FORWARD = 1024;
  private static final int PROMPT = 64;
  private static final int NEW = 64;

  private EngineSpeed() {}

  /** Model folder, text file, rounds of which the fastest counts; prints JSON. */
  public static void main(String... args) throws IOException {
    int rounds = Integer.parseInt(args[2]);
    var figures = new LinkedHashMap<String, Object>();
    try (LoadedModel model = LoadedModel.open(ModelFolder.open(Path.of(args[0])), Optional.empty())) {
      int[] tokens = model.tokenizer().encode(Files.readString(Path.of(args[1])), false);
      var forward =
          new ScoreRequest(
              Arrays.copyOf(tokens, 1), Arrays.copyOfRange(tokens, 1, FORWARD + 1));
      figures.put(
          "forward_tokens_per_second",
          best(rounds, () -> model.score(List.of(forward), done -> {}).get(0).logProbs().length));
      List<Integer> offsets = offsets(model, tokens);
      figures.put("prompts_at", offsets);
      for (int batch : new int[] {1, 8}) {
        var requests = new ArrayList<GenerateRequest>();
        for (int offset : offsets.subList(0, batch)) {
          requests.add(request(tokens, offset));
        }
        figures.put(
            "decode_tokens_per_second_batch_" + batch,
            best(
                rounds,
                () ->
                    model.generate(requests, done -> {}).stream()
                        .mapToInt(generation -> generation.tokens().length)
                        .sum()));
      }
    }
    figures.put("peak_bytes", SystemMemory.peakBytes().orElseThrow());
    System.out.println(Json.line(figures));
  }

  private static GenerateRequest request(int[] tokens, int offset) {
    return new GenerateRequest(
        Arrays.copyOfRange(tokens, offset, offset + PROMPT), NEW, List.of());
  }

  /** Where the first eight prompts begin whose answers do not end before the limit. */
  private static List<Integer> offsets(LoadedModel model, int[] tokens) {
    var offsets = new ArrayList<Integer>();
    for (int offset = 0; offsets.size() < 8; offset += 37) {
      var generation = model.generate(List.of(request(tokens, offset)), done -> {}).get(0);
      if (generation.tokens().length == NEW) {
        offsets.add(offset);
      }
    }
    return offsets;
  }

  private static double best(int rounds, IntSupplier work) {
    double best = 0;
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      int tokens = work.getAsInt();
      best = Math.max(best, tokens / ((System.nanoTime() - start) / 1e9));
    }
    return best;
  }
}
