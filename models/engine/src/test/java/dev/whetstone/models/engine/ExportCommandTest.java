package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.AdapterTensor;
import dev.whetstone.artifacts.model.AdapterTensor.Kind;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.LoraConfig.Bias;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Gguf;
import dev.whetstone.artifacts.tensors.HalfPrecision;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.artifacts.testing.CommandOutcome;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
  private static final String QUERY = "model.layers.0.self_attn.q_proj";
  private static final String KEY = "model.layers.1.self_attn.k_proj";
  private static final String UP = "model.layers.1.mlp.up_proj";

  private static final int MUTANTS = 150;

  @TempDir private Path folder;
  private ModelFolder model;

  @BeforeEach
  void writeModel() {
    model = TinyModel.write(folder.resolve("model"), 1);
  }

  private static CommandOutcome run(Object... arguments) {
    var all = new ArrayList<String>();
    all.add("export");
    for (Object argument : arguments) {
      all.add(argument.toString());
    }
    return CommandOutcome.of(new EngineMain(), all.toArray());
  }

  private static FloatTensor random(AdapterTensor tensor, long rows, long columns) {
    var random = new Random(tensor.name().hashCode());
    var values = new float[(int) (rows * columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.4 * random.nextGaussian());
    }
    return new FloatTensor(tensor.name(), List.of(rows, columns), values);
  }

  private Path adapter(LoraConfig lora, FloatTensor... more) {
    var tensors = new ArrayList<>(List.of(more));
    Map.of(QUERY, 16L, KEY, 8L, UP, 24L)
        .forEach(
            (module, out) -> {
              int rank = lora.rank(module);
              tensors.add(random(new AdapterTensor(module, Kind.DOWN), rank, TinyModel.HIDDEN));
              tensors.add(random(new AdapterTensor(module, Kind.UP), out, rank));
              if (lora.dora()) {
                float[] lengths = random(new AdapterTensor(module, Kind.UP), out, 1).values();
                tensors.add(
                    new FloatTensor(
                        new AdapterTensor(module, Kind.MAGNITUDE).name(), List.of(out), lengths));
              }
            });
    AdapterFolder.write(
        folder.resolve("adapter"),
        new AdapterFolder.Config("tiny", lora, List.of()),
        Map.of(),
        tensors);
    return folder.resolve("adapter");
  }

  private static LoraConfig lora(
      Map<String, Integer> ranks, Map<String, Double> alphas, boolean rsLora, boolean dora) {
    return new LoraConfig(
        4,
        6,
        0,
        List.of("q_proj", "k_proj", "up_proj"),
        ranks,
        alphas,
        rsLora,
        dora,
        Bias.NONE,
        List.of());
  }

  private static float[] read(TensorSource tensors, String name) {
    FloatBuffer values = FloatBuffer.allocate((int) Safetensors.elements(tensors.shape(name)));
    tensors.read(name, 0, values);
    return values.array();
  }

  /** llama.cpp's update of a module, by plain loops, with the rows back in transformers' order. */
  private static double[][] update(Gguf.File file, String name, int heads) {
    float[] a = read(file.tensors(), name + ".lora_a");
    float[] b = read(file.tensors(), name + ".lora_b");
    int rank = file.tensors().shape(name + ".lora_a").get(0).intValue();
    int in = a.length / rank;
    int out = b.length / rank;
    double scale = (double) file.metadata().get("adapter.lora.alpha") / rank;
    int size = heads == 0 ? 1 : out / heads;
    var update = new double[out][in];
    for (int row = 0; row < out; row++) {
      int within = row % size;
      int half = Math.max(1, size / 2);
      int inFile = heads == 0 ? row : row - within + 2 * (within % half) + within / half;
      for (int i = 0; i < in; i++) {
        for (int r = 0; r < rank; r++) {
          update[row][i] += scale * b[inFile * rank + r] * a[r * in + i];
        }
      }
    }
    return update;
  }

  private void assertUpdatesAre(LoraConfig lora, double alpha) {
    Path adapter = adapter(lora);
    Path file = folder.resolve("adapter.gguf");
    CommandOutcome outcome =
        run(adapter, "--model", model.path(), "--to", "gguf-adapter", "--out", file, "--overwrite");
    assertThat(outcome.output()).isEqualTo(file + "\n");
    try (Gguf.File gguf = Gguf.open(file);
        TensorSource pairs = AdapterFolder.open(adapter).tensors()) {
      assertThat(gguf.metadata())
          .containsEntry("general.architecture", "llama")
          .containsEntry("general.type", "adapter")
          .containsEntry("adapter.type", "lora")
          .containsEntry("adapter.lora.alpha", (double) (float) alpha);
      assertThat(gguf.tensors().names()).hasSize(6);
      Map<String, Integer> heads =
          Map.of(QUERY, TinyModel.HEADS, KEY, TinyModel.KEY_VALUE_HEADS, UP, 0);
      Map<String, String> names =
          Map.of(
              QUERY, "blk.0.attn_q.weight",
              KEY, "blk.1.attn_k.weight",
              UP, "blk.1.ffn_up.weight");
      names.forEach(
          (module, name) -> {
            float[] a = read(pairs, new AdapterTensor(module, Kind.DOWN).name());
            float[] b = read(pairs, new AdapterTensor(module, Kind.UP).name());
            int rank = lora.rank(module);
            double[][] update = update(gguf, name, heads.get(module));
            for (int row = 0; row < update.length; row++) {
              for (int i = 0; i < TinyModel.HIDDEN; i++) {
                double expected = 0;
                for (int r = 0; r < rank; r++) {
                  expected += (double) b[row * rank + r] * a[r * TinyModel.HIDDEN + i];
                }
                assertThat(update[row][i])
                    .as("%s [%d, %d]", module, row, i)
                    .isCloseTo(lora.scale(module) * expected, within(1e-5));
              }
            }
          });
    }
  }

  @Test
  void theScaleOfEveryKindIsLlamaCpps() {
    assertUpdatesAre(lora(Map.of(), Map.of(), false, false), 6);
    assertUpdatesAre(lora(Map.of(), Map.of(), true, false), 6 * 2); // times the root of rank 4
    assertUpdatesAre(lora(Map.of("q_proj", 2), Map.of("k_proj", 24.0), false, false), 6);
    assertUpdatesAre(lora(Map.of("q_proj", 2), Map.of("up_proj", 1.0), true, false), 12);
  }

  @Test
  void aPlainAdaptersValuesAreCopiedBitForBit() {
    Path adapter = adapter(lora(Map.of(), Map.of(), true, false));
    Path file = folder.resolve("adapter.gguf");
    run(adapter, "--model", model.path(), "--to", "gguf-adapter", "--out", file);
    try (Gguf.File gguf = Gguf.open(file);
        TensorSource pairs = AdapterFolder.open(adapter).tensors()) {
      for (Kind kind : List.of(Kind.DOWN, Kind.UP)) {
        assertThat(
                read(
                    gguf.tensors(),
                    "blk.1.ffn_up.weight" + (kind == Kind.UP ? ".lora_b" : ".lora_a")))
            .isEqualTo(read(pairs, new AdapterTensor(UP, kind).name()));
      }
    }
  }

  @Test
  void whatLlamaCppHasNoPlaceForIsToBeMergedFirst() {
    var lora = lora(Map.of(), Map.of(), false, true);
    assertRefused("row lengths (DoRA)", adapter(lora));
    LoraConfig plain = lora(Map.of(), Map.of(), false, false);
    var saving =
        new LoraConfig(
            4, 6, 0, plain.targets(), Map.of(), Map.of(), false, false, Bias.NONE, List.of("norm"));
    float[] ones = new float[TinyModel.HIDDEN];
    assertRefused(
        "saved model.norm",
        adapter(
            saving,
            new FloatTensor(
                new AdapterTensor("model.norm", Kind.WEIGHT).name(), List.of(16L), ones)));
  }

  private void assertRefused(String part, Path adapter) {
    Path file = folder.resolve("adapter.gguf");
    CommandOutcome outcome =
        run(adapter, "--model", model.path(), "--to", "gguf-adapter", "--out", file);
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.errors())
        .contains("no place for " + part, "merge it first: whetstone merge");
    assertThat(file).doesNotExist();
  }

  @Test
  void formsThatDoNotFitTheArtifactAreRefused() throws IOException {
    Path adapter = adapter(lora(Map.of(), Map.of(), false, false));
    Path out = folder.resolve("x.gguf");
    assertThat(run(adapter, "--to", "gguf-f16", "--out", out).errors()).contains("merge it first");
    assertThat(run(adapter, "--to", "gguf-adapter", "--out", out).errors())
        .contains("needs --model");
    assertThat(run(model.path(), "--to", "gguf-adapter", "--out", out).errors())
        .contains("expected an adapter folder");
    assertThat(run(model.path(), "--to", "gguf-q5", "--out", out).errors())
        .contains("unknown form \"gguf-q5\"", "gguf-f16", "safetensors-bf16");
    assertThat(run(model.path(), "--to", "gguf-f16", "--out", folder).errors())
        .contains("ends with .gguf");
    Files.writeString(out, "mine");
    assertThat(run(model.path(), "--to", "gguf-f16", "--out", out).errors())
        .contains("--overwrite");
    assertThat(out).hasContent("mine");
  }

  @Test
  void bfloat16FoldersAreTheRoundedModelWithItsLineage() throws IOException {
    var config = (ObjectNode) model.config();
    config.put("dtype", "float32");
    Files.writeString(model.path().resolve("config.json"), Json.pretty(config));
    Path out = folder.resolve("half");
    CommandOutcome outcome = run(model.path(), "--to", "safetensors-bf16", "--out", out);
    assertThat(outcome.output()).isEqualTo(out + "\n");
    ModelFolder half = ModelFolder.open(out);
    assertThat(half.config().get("dtype").textValue()).isEqualTo("bfloat16");
    assertThat(half.config().get("torch_dtype").textValue()).isEqualTo("bfloat16");
    assertThat(half.chatTemplate()).isEqualTo(model.chatTemplate());
    Manifest manifest = half.manifest().orElseThrow();
    assertThat(manifest.lineage().get(0).content()).isEqualTo(model.content());
    JsonNode index = Json.read(out.resolve(Safetensors.INDEX_FILE));
    try (TensorSource one = half.weights();
        TensorSource two = model.weights()) {
      long bytes = 0;
      for (String name : two.names()) {
        float[] expected = read(two, name);
        bytes += 2L * expected.length;
        for (int i = 0; i < expected.length; i++) {
          expected[i] = HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(expected[i]));
        }
        assertThat(read(one, name)).as(name).isEqualTo(expected);
      }
      assertThat(index.get("metadata").get("total_size").longValue()).isEqualTo(bytes);
    }
    assertThat(run(model.path(), "--to", "safetensors-bf16", "--out", out).errors())
        .contains("unchanged, reused");
  }

  /** Mutants of what a folder says are refused in a sentence, or come back from their file. */
  @Test
  void spoiltFoldersAreRefusedOrComeBack() throws IOException {
    Path file = folder.resolve("m.gguf");
    int written = 0;
    for (int seed = 0; seed < MUTANTS; seed++) {
      TinyModel.write(model.path(), 1);
      var random = new Random(seed);
      String name = List.of("config.json", "tokenizer.json", "tokenizer_config.json").get(seed % 3);
      Path spoilt = model.path().resolve(name);
      Files.write(spoilt, Mutants.json(Files.readString(spoilt), random));
      CommandOutcome outcome = run(model.path(), "--to", "gguf-q8_0", "--out", file, "--overwrite");
      assertThat(outcome.exitCode()).as("seed %d: %s", seed, outcome.errors()).isIn(0, 2);
      if (outcome.exitCode() == 0) {
        written++;
        CommandOutcome back =
            CommandOutcome.of(
                new EngineMain(), "fetch", file, "--to", folder.resolve("back"), "--overwrite");
        assertThat(back.exitCode()).as("seed %d: %s", seed, back.errors()).isZero();
      }
    }
    assertThat(written).isBetween(MUTANTS / 10, MUTANTS * 9 / 10);
  }
}
