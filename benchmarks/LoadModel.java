import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SystemMemory;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Loads a model, scores tokens, and prints their mean loss and the memory that the process held at
 * most before and after loading.
 *
 * <pre>java @ARGUMENTS benchmarks/LoadModel.java MODEL TOKEN,TOKEN,…</pre>
 */
public final class LoadModel {
  private LoadModel() {}

  /** Model folder, token ids with commas between; prints JSON. */
  public static void main(String... args) throws IOException {
    int[] tokens = Arrays.stream(args[1].split(",")).mapToInt(Integer::parseInt).toArray();
    var figures = new LinkedHashMap<String, Object>();
    figures.put("bytes_before", SystemMemory.peakBytes().orElseThrow());
    long start = System.nanoTime();
    try (LoadedModel model = LoadedModel.open(ModelFolder.open(Path.of(args[0])), Optional.empty())) {
      figures.put("seconds", (System.nanoTime() - start) / 1e9);
      figures.put("peak_bytes", SystemMemory.peakBytes().orElseThrow());
      var request =
          new ScoreRequest(
              Arrays.copyOf(tokens, 1), Arrays.copyOfRange(tokens, 1, tokens.length));
      double sum = model.score(List.of(request), done -> {}).get(0).sum();
      figures.put("loss_nats", -sum / (tokens.length - 1));
    }
    System.out.println(Json.line(figures));
  }
}
