package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.HalfPrecision;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.LanguageModel.Score;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Tuning;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every family and rotary kind against what transformers computes: src/test/families/make.py. */
class FamiliesTest {
  private static final double TOLERANCE = 1e-4;
  private static final int BUDGET = 64; // less than the longest row: prefixes are kept

  @TempDir Path folder;

  static List<String> families() {
    return List.of(
        "chatglm",
        "gemma2",
        "glm",
        "glm4",
        "llama-dynamic",
        "llama-linear",
        "llama-llama3",
        "mistral",
        "mistral-window",
        "phi3",
        "phi3-longrope",
        "qwen2",
        "qwen2-window",
        "qwen2-yarn",
        "qwen2_moe",
        "qwen3",
        "qwen3-yarn",
        "qwen3_moe");
  }

  @ParameterizedTest
  @MethodSource("families")
  void isTransformers(String family) throws IOException {
    JsonNode rows = write(family).get("rows");
    try (LoadedModel model = open()) {
      var scored = new ArrayList<ScoreRequest>();
      var asked = new ArrayList<GenerateRequest>();
      for (JsonNode row : rows) {
        int[] tokens = ints(row.get("tokens"));
        scored.add(
            new ScoreRequest(
                Arrays.copyOf(tokens, 1), Arrays.copyOfRange(tokens, 1, tokens.length)));
        asked.add(new GenerateRequest(tokens, 32, List.of()));
      }
      List<Score> scores = model.score(scored, done -> {});
      List<Generation> generations = model.generate(asked, done -> {});
      for (int r = 0; r < rows.size(); r++) {
        assertClose(scores.get(r).logProbs(), rows.get(r).get("log_probs"));
        assertClose(last(model, asked.get(r).prompt()), rows.get(r).get("last"));
        assertThat(generations.get(r).tokens()).isEqualTo(ints(rows.get(r).get("greedy")));
      }
    }
  }

  static List<String> ofTransformers() {
    return families().stream().filter(family -> !family.equals("chatglm")).toList();
  }

  /**
   * What bfloat16 does to the log-probabilities is the same here and there, up to the last bit of
   * single products, which depends on the kernels; what float32 computes is further away.
   */
  @ParameterizedTest
  @MethodSource("families")
  void inTheNumericsOfLmEvalItIsTransformersInBfloat16(String family) throws IOException {
    JsonNode rows = write(family).get("rows");
    ModelFolder model = ModelFolder.open(folder);
    DecoderConfig config = DecoderConfig.of(model.config(), "config.json");
    double apart = 0;
    double float32Apart = 0;
    int equal = 0;
    int all = 0;
    try (LoadedModel opened = open(Decoder.load(model, config, Optional.empty(), true))) {
      for (JsonNode row : rows) {
        int[] tokens = ints(row.get("tokens"));
        var request =
            new ScoreRequest(
                Arrays.copyOf(tokens, 1), Arrays.copyOfRange(tokens, 1, tokens.length));
        Score score = opened.score(List.of(request), done -> {}).get(0);
        float sum = 0;
        for (int i = 0; i < score.logProbs().length; i++, all++) {
          double theirs = row.get("bfloat16_log_probs").get(i).asDouble();
          apart += Math.abs(score.logProbs()[i] - theirs);
          float32Apart += Math.abs(row.get("log_probs").get(i).asDouble() - theirs);
          equal += score.logProbs()[i] == theirs ? 1 : 0;
          sum += score.logProbs()[i];
        }
        assertThat(score.sum())
            .isEqualTo(HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(sum)));
      }
    }
    assertThat(equal).as("of %d", all).isGreaterThan(all / 5);
    assertThat(apart).isLessThan(float32Apart);
  }

  /** An untrained adapter changes nothing, so that training begins at transformers' loss. */
  @ParameterizedTest
  @MethodSource("ofTransformers")
  void trainsFromTransformersLoss(String family) throws IOException {
    JsonNode rows = write(family).get("rows");
    var lengths = new ArrayList<Integer>();
    var tokens = new ArrayList<Integer>();
    double expected = 0;
    for (JsonNode row : rows) {
      lengths.add(row.get("tokens").size());
      row.get("tokens").forEach(token -> tokens.add(token.asInt()));
      expected += row.get("loss").asDouble();
    }
    int[] all = tokens.stream().mapToInt(Integer::intValue).toArray();
    ModelFolder model = ModelFolder.open(folder);
    var lora = LoraConfig.plain(2, 4, LoraTargets.ALL_LINEAR.of(model));
    try (TrainableModel trainable = TrainableModel.load(model, lora, Tuning.plain(0))) {
      var row = new PackedRow(all, all, lengths.stream().mapToInt(Integer::intValue).toArray());
      double loss = Arrays.stream(trainable.nats(row)).sum();
      assertThat(loss).isCloseTo(expected, within(1e-5 * expected));
      assertThat(trainable.baseNats(row)).isEqualTo(trainable.nats(row));
    }
  }

  /** With adapters everywhere that are far from zero, as in the middle of training. */
  @ParameterizedTest
  @MethodSource("families")
  void gradientsAreTheSlopesOfTheLoss(String family) throws IOException {
    JsonNode rows = write(family).get("rows");
    int[] tokens = ints(rows.get(0).get("tokens"));
    var row =
        new PackedRow(
            tokens, tokens, new int[] {tokens.length / 3, tokens.length - tokens.length / 3});
    ModelFolder model = ModelFolder.open(folder);
    for (boolean dora : new boolean[] {false, true}) {
      var lora =
          new LoraConfig(
              2,
              3,
              0,
              LoraTargets.ALL_LINEAR.of(model),
              Map.of(),
              Map.of(),
              false,
              dora,
              bias(family, dora),
              List.of());
      try (TrainableModel trainable = TrainableModel.load(model, lora, Tuning.plain(0))) {
        Slopes.assertTrue(trainable, row, family);
      }
    }
  }

  /** Where a family has biases of its own tensors, they are trained too. */
  private static LoraConfig.Bias bias(String family, boolean dora) {
    return !dora && family.startsWith("qwen2") ? LoraConfig.Bias.ALL : LoraConfig.Bias.NONE;
  }

  /** Otherwise a value that is not used would go unnoticed. */
  @ParameterizedTest
  @MethodSource("families")
  void everyValueOfTheConfigurationCounts(String family) throws IOException {
    JsonNode rows = write(family).get("rows");
    ModelFolder model = ModelFolder.open(folder);
    DecoderConfig config = DecoderConfig.of(model.config(), "config.json");
    List<Changes.Changed> changes = Changes.of(config);
    assertThat(changes).hasSizeGreaterThan(20);
    for (Changes.Changed change : changes) {
      double worst = 0;
      try (LoadedModel changed =
          open(Decoder.load(model, change.config(), Optional.empty(), false))) {
        if (changed.maxLength() != config.maxPositions()) {
          continue;
        }
        for (JsonNode row : rows) {
          double[] last = last(changed, ints(row.get("tokens")));
          worst = Math.max(worst, worst(last, row.get("last")));
        }
      } catch (BadInputException e) {
        continue; // the weights do not fit any more
      }
      assertThat(worst).as(change.what()).isGreaterThan(TOLERANCE);
    }
  }

  private static double worst(double[] found, JsonNode expected) {
    double worst = 0;
    for (int v = 0; v < found.length; v++) {
      worst = Math.max(worst, Math.abs(found[v] - expected.get(v).asDouble()));
    }
    return worst;
  }

  @Test
  void aProjectionThatIsFusedWithOthersIsTrainedByItsOwnName() throws IOException {
    write("chatglm");
    ModelFolder model = ModelFolder.open(folder);
    var lora = LoraConfig.plain(2, 4, List.of("q_proj"));
    assertThatThrownBy(() -> TrainableModel.load(model, lora, Tuning.plain(0)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("no linear module q_proj")
        .hasMessageContaining("known: dense, dense_4h_to_h, dense_h_to_4h, query_key_value");
  }

  @ParameterizedTest
  @MethodSource("ofTransformers")
  void theSpellingOfTransformers4MeansTheSame(String family) throws IOException {
    write(family);
    var newer = (ObjectNode) Json.read(folder.resolve("config.json"));
    ObjectNode older = newer.deepCopy();
    var rotary = (ObjectNode) older.remove("rope_parameters");
    older.set("rope_theta", rotary.remove("rope_theta"));
    older.set("partial_rotary_factor", rotary.remove("partial_rotary_factor"));
    rotary.set("type", rotary.remove("rope_type"));
    older.set("rope_scaling", family.equals("qwen3") ? null : rotary); // where it is the default
    assertThat(DecoderConfig.of(older, "older")).isEqualTo(DecoderConfig.of(newer, "newer"));
  }

  private JsonNode write(String family) throws IOException {
    TinyTokenizer.write(folder);
    for (String file : List.of("config.json", "model.safetensors", "expected.json")) {
      try (InputStream in = getClass().getResourceAsStream("/families/" + family + "/" + file)) {
        Files.copy(in, folder.resolve(file));
      }
    }
    return Json.read(folder.resolve("expected.json"));
  }

  private LoadedModel open() {
    return open(Decoder.load(ModelFolder.open(folder), Optional.empty(), Numerics.FLOAT32));
  }

  private LoadedModel open(Decoder decoder) {
    return new LoadedModel(decoder, Tokenizer.open(folder), Optional.empty(), Set.of(), BUDGET);
  }

  /** Log-probabilities of every token after {@code context}. */
  private static double[] last(LoadedModel model, int[] context) {
    var every = new ArrayList<ScoreRequest>();
    for (int token = 0; token < 120; token++) {
      every.add(new ScoreRequest(context, new int[] {token}));
    }
    return model.score(every, done -> {}).stream().mapToDouble(Score::sum).toArray();
  }

  private static void assertClose(float[] found, JsonNode expected) {
    double[] wide = new double[found.length];
    for (int i = 0; i < found.length; i++) {
      wide[i] = found[i];
    }
    assertClose(wide, expected);
  }

  private static void assertClose(double[] found, JsonNode expected) {
    assertThat(found).hasSize(expected.size());
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).as("%d", i).isCloseTo(expected.get(i).asDouble(), within(TOLERANCE));
    }
  }

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }
}
