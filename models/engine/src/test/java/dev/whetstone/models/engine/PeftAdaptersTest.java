package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of adapter against what PEFT computes: src/test/adapters/make.py. */
class PeftAdaptersTest {
  /** Relative: we compute in float32, PEFT's numbers are of float64. */
  private static final double TOLERANCE = 1e-5;

  @TempDir Path folder;

  static List<String> kinds() {
    return List.of(
        "bias",
        "both-of-tied",
        "dora",
        "dora-fused",
        "embedding-of-tied",
        "head-of-tied",
        "norms",
        "pair-of-tied-head",
        "patterns",
        "plain");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aLoadedAdapterIsPefts(String kind) throws IOException {
    JsonNode expected = write(kind);
    ModelFolder base = ModelFolder.open(folder.resolve("base"));
    try (LoadedModel model = LoadedModel.open(base, Optional.of(adapter()))) {
      assertIs(expected, model);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aMergedFolderIsPefts(String kind) throws IOException {
    JsonNode expected = write(kind);
    ModelFolder merged = merge();
    boolean untied = kind.contains("tied");
    boolean tied =
        ModelFolder.open(folder.resolve("base")).config().get("tie_word_embeddings").asBoolean();
    assertThat(tied).isEqualTo(untied);
    assertThat(merged.config().get("tie_word_embeddings").asBoolean()).isFalse();
    assertThat(merged.manifest().orElseThrow().counts().get("parameters").asLong())
        .isEqualTo(merged.parameters());
    try (LoadedModel model = LoadedModel.open(merged, Optional.empty())) {
      assertIs(expected, model);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anAdapterLeavesNoTraceOnALoadedModel(String kind) throws IOException {
    JsonNode expected = write(kind);
    ModelFolder base = ModelFolder.open(folder.resolve("base"));
    try (LoadedModel model = LoadedModel.open(base, Optional.empty())) {
      float[] plain = logProbs(expected, model);
      for (int i = 0; i < 2; i++) {
        model.use(Optional.of(adapter()));
        assertIs(expected, model);
        model.use(Optional.empty());
        assertThat(logProbs(expected, model)).isEqualTo(plain);
      }
    }
  }

  /** The slow twin: whole tensors, plain loops over doubles, one rounding. */
  @ParameterizedTest
  @MethodSource("kinds")
  void mergedTensorsAreThoseOfPlainLoops(String kind) throws IOException {
    write(kind);
    ModelFolder base = ModelFolder.open(folder.resolve("base"));
    AdapterFolder adapter = adapter();
    try (TensorSource merged = merge().weights();
        TensorSource weights = base.weights();
        TensorSource tensors = adapter.tensors()) {
      for (String name : merged.names()) {
        String own = weights.names().contains(name) ? name : "model.embed_tokens.weight";
        float[] expected = twin(name, values(weights, own), tensors, adapter.config().lora());
        assertThat(values(merged, name)).as(name).isEqualTo(expected);
      }
    }
  }

  private static float[] twin(String name, float[] base, TensorSource adapter, LoraConfig lora) {
    String module = name.replaceAll("\\.(weight|bias)$", "");
    String at = "base_model.model." + module;
    float[] w = base;
    String kind = name.substring(module.length());
    for (String replacement : List.of(at + kind, at + ".base_layer" + kind)) {
      if (adapter.names().contains(replacement)) {
        w = values(adapter, replacement);
      }
    }
    if (!kind.equals(".weight") || !adapter.names().contains(at + ".lora_A.weight")) {
      return w;
    }
    float[] a = values(adapter, at + ".lora_A.weight");
    float[] b = values(adapter, at + ".lora_B.weight");
    int rank = lora.rank(module);
    int in = a.length / rank;
    int out = b.length / rank;
    float[] merged = new float[out * in];
    for (int o = 0; o < out; o++) {
      double[] row = new double[in];
      double squares = 0;
      for (int i = 0; i < in; i++) {
        double update = 0;
        for (int r = 0; r < rank; r++) {
          update += (double) b[o * rank + r] * a[r * in + i];
        }
        row[i] = w[o * in + i] + lora.scale(module) * update;
        squares += row[i] * row[i];
      }
      double factor =
          lora.dora() ? values(adapter, at + ".lora_magnitude_vector")[o] / Math.sqrt(squares) : 1;
      for (int i = 0; i < in; i++) {
        merged[o * in + i] = (float) (factor * row[i]);
      }
    }
    return merged;
  }

  /** A block of a read may begin and end within a row. */
  @Test
  void mergedTensorsAreReadInAnyPieces() throws IOException {
    write("dora");
    ModelFolder base = ModelFolder.open(folder.resolve("base"));
    AdapterFolder adapter = adapter();
    try (TensorSource weights = base.weights();
        TensorSource tensors = adapter.tensors()) {
      var merged = new MergedTensors(weights, base, tensors, adapter);
      String name = "model.layers.0.self_attn.q_proj.weight";
      float[] whole = values(merged, name);
      for (int size : new int[] {1, 7, 32, 45}) {
        for (int first = 0; first + size <= whole.length; first += size) {
          FloatBuffer piece = FloatBuffer.allocate(size);
          merged.read(name, first, piece);
          assertThat(piece.hasRemaining()).isFalse();
          assertThat(piece.array()).isEqualTo(Arrays.copyOfRange(whole, first, first + size));
        }
      }
    }
  }

  /** PEFT of transformers 4 adapts experts one by one. */
  @Test
  void adaptedExpertsAreTheSameLoadedAndMerged() throws IOException {
    writeBase("qwen3_moe");
    String experts = "base_model.model.model.layers.2.mlp.experts.";
    var tensors = new ArrayList<FloatTensor>();
    for (String module : List.of("1.up_proj", "4.up_proj", "4.down_proj")) {
      int in = module.endsWith("up_proj") ? 32 : 24;
      int out = 56 - in;
      tensors.add(random(experts + module + ".lora_A.weight", 2, in));
      tensors.add(random(experts + module + ".lora_B.weight", out, 2));
      tensors.add(random(experts + module + ".lora_magnitude_vector", out));
    }
    var lora =
        new LoraConfig(
            2,
            3,
            0,
            List.of("up_proj", "down_proj"),
            Map.of(),
            Map.of("experts.4.up_proj", 5.0),
            false,
            true,
            LoraConfig.Bias.NONE,
            List.of());
    AdapterFolder.write(
        folder.resolve("adapter"),
        new AdapterFolder.Config("", lora, List.of()),
        Map.of(),
        tensors);
    ModelFolder base = ModelFolder.open(folder.resolve("base"));
    ModelFolder merged = merge();
    int[] tokens = new Random(1).ints(40, 0, 120).toArray();
    var request = List.of(new ScoreRequest(Arrays.copyOf(tokens, 1), tokens));
    try (LoadedModel loaded = LoadedModel.open(base, Optional.of(adapter()));
        LoadedModel whole = LoadedModel.open(merged, Optional.empty());
        LoadedModel plain = LoadedModel.open(base, Optional.empty())) {
      double sum = loaded.score(request, done -> {}).get(0).sum();
      assertThat(whole.score(request, done -> {}).get(0).sum()).isCloseTo(sum, within(1e-3));
      assertThat(plain.score(request, done -> {}).get(0).sum()).isNotCloseTo(sum, within(1.0));
    }
  }

  private static FloatTensor random(String name, long... shape) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    float[] values = new float[(int) Safetensors.elements(sizes)];
    var random = new Random(name.hashCode());
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new FloatTensor(name, sizes, values);
  }

  @Test
  void whatDoesNotFitIsNamed() throws IOException {
    write("head-of-tied");
    AdapterFolder adapter = adapter();
    AdapterFolder.Config config = adapter.config();
    LoraConfig lora = config.lora();
    var dora =
        new LoraConfig(
            2,
            3,
            0,
            lora.targets(),
            Map.of(),
            Map.of(),
            false,
            true,
            LoraConfig.Bias.ALL,
            List.of("lm_head"));
    String module = "base_model.model.model.layers.0.self_attn.q_proj";
    AdapterFolder.write(
        folder.resolve("adapter"),
        new AdapterFolder.Config("", dora, List.of()),
        Map.of(),
        List.of(
            zeros("base_model.model.lm_head.weight", 119, 32),
            zeros(module + ".base_layer.bias", 31),
            zeros("base_model.model.model.layers.0.mlp.up_proj.bias", 48),
            zeros(module + ".lora_A.weight", 2, 32),
            zeros(module + ".lora_B.weight", 30, 2),
            zeros(module + ".lora_magnitude_vector", 30)));
    ModelFolder base = ModelFolder.open(folder.resolve("base"));
    assertThatThrownBy(() -> LoadedModel.open(base, Optional.of(adapter())))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("5 tensors do not fit")
        .hasMessageContaining("lm_head.weight is [119, 32], expected [120, 32]")
        .hasMessageContaining("q_proj.base_layer.bias is [31], expected [32]")
        .hasMessageContaining("up_proj.bias stands for a tensor that the model does not have")
        .hasMessageContaining("q_proj.lora_B.weight is [30, 2], expected [32, 2]")
        .hasMessageContaining("lora_magnitude_vector is [30], expected [32]");
  }

  @Test
  void aMergedValueThatIsNotFiniteIsRefused() throws IOException {
    write("dora");
    AdapterFolder adapter = adapter();
    var damaged = new ArrayList<FloatTensor>();
    try (TensorSource tensors = adapter.tensors()) {
      for (String name : tensors.names()) {
        float[] values = values(tensors, name);
        if (name.endsWith("layers.1.self_attn.v_proj.base_layer.bias")) {
          values[3] = Float.NaN;
        }
        damaged.add(new FloatTensor(name, tensors.shape(name), values));
      }
    }
    AdapterFolder.write(adapter.path(), adapter.config(), Map.of(), damaged);
    ModelFolder base = ModelFolder.open(folder.resolve("base"));
    assertThatThrownBy(() -> LoadedModel.open(base, Optional.of(adapter())))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("v_proj.base_layer.bias holds a value that is not finite");
    assertThat(runMerge()).isEqualTo(Commands.BAD_INPUT);
  }

  private static FloatTensor zeros(String name, long... shape) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    return new FloatTensor(name, sizes, new float[(int) Safetensors.elements(sizes)]);
  }

  private static float[] values(TensorSource source, String name) {
    float[] values = new float[(int) Safetensors.elements(source.shape(name))];
    source.read(name, 0, FloatBuffer.wrap(values));
    return values;
  }

  private ModelFolder merge() {
    assertThat(runMerge()).isZero();
    return ModelFolder.open(folder.resolve("merged"));
  }

  private int runMerge() {
    return Commands.run(
        new EngineMain(),
        "merge",
        "--model",
        folder.resolve("base").toString(),
        "--adapter",
        folder.resolve("adapter").toString(),
        "--out",
        folder.resolve("merged").toString());
  }

  private static void assertIs(JsonNode expected, LoadedModel model) {
    float[] found = logProbs(expected, model);
    for (int i = 0; i < found.length; i++) {
      double theirs = expected.get("log_probs").get(i).asDouble();
      assertThat((double) found[i])
          .as("target %d", i)
          .isCloseTo(theirs, within(TOLERANCE * Math.max(1, Math.abs(theirs))));
    }
  }

  private static float[] logProbs(JsonNode expected, LoadedModel model) {
    int[] tokens = new int[expected.get("tokens").size()];
    Arrays.setAll(tokens, i -> expected.get("tokens").get(i).asInt());
    var request =
        new ScoreRequest(Arrays.copyOf(tokens, 1), Arrays.copyOfRange(tokens, 1, tokens.length));
    return model.score(List.of(request), done -> {}).get(0).logProbs();
  }

  private AdapterFolder adapter() {
    return AdapterFolder.open(folder.resolve("adapter"));
  }

  /** The model and the adapter; returns what PEFT computes with them. */
  private JsonNode write(String kind) throws IOException {
    Path adapter = Files.createDirectories(folder.resolve("adapter"));
    for (String file : List.of(AdapterFolder.CONFIG_FILE, AdapterFolder.TENSORS_FILE)) {
      copy("adapters/" + kind + "/" + file, adapter.resolve(file));
    }
    copy("adapters/" + kind + "/expected.json", folder.resolve("expected.json"));
    JsonNode expected = Json.read(folder.resolve("expected.json"));
    writeBase(expected.get("family").asText());
    return expected;
  }

  private void writeBase(String family) throws IOException {
    Path base = Files.createDirectories(folder.resolve("base"));
    TinyTokenizer.write(base);
    for (String file : List.of("config.json", "model.safetensors")) {
      copy("families/" + family + "/" + file, base.resolve(file));
    }
  }

  private static void copy(String resource, Path to) throws IOException {
    try (InputStream in = PeftAdaptersTest.class.getResourceAsStream("/" + resource)) {
      Files.copy(in, to);
    }
  }
}
