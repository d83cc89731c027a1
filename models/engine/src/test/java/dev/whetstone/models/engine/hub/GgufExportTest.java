package dev.whetstone.models.engine.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.Gguf;
import dev.whetstone.artifacts.tensors.GgufType;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.TokenizerJson;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufExportTest {
  private static final String TEXT = " Hello the 1234 <|im_start|>on 命令\n\n x";

  @TempDir Path temporary;

  private ModelFolder back(Path file, String name) {
    Path folder = temporary.resolve(name);
    try (var begun =
        ArtifactFolder.begin(folder, ModelFolder.FORMAT, "sha256:id", true).orElseThrow()) {
      GgufModel.convert(file, begun, "tiny", Dtype.F32);
    }
    return ModelFolder.open(folder);
  }

  private Path export(ModelFolder model, GgufType type, Integer... ends) {
    Path file = temporary.resolve(type + ".gguf");
    try (TensorSource weights = model.weights()) {
      GgufExport.write(model, weights, Set.of(ends), file, type);
    }
    return file;
  }

  private static float[] read(TensorSource tensors, String name) {
    FloatBuffer values = FloatBuffer.allocate((int) Safetensors.elements(tensors.shape(name)));
    tensors.read(name, 0, values);
    return values.array();
  }

  private static DecoderConfig config(ModelFolder model) {
    return DecoderConfig.of(model.config(), "config.json");
  }

  private static void assertSameModel(ModelFolder found, ModelFolder expected) {
    assertThat(config(found)).isEqualTo(config(expected));
    try (TensorSource one = found.weights();
        TensorSource two = expected.weights()) {
      assertThat(new HashSet<>(one.names())).isEqualTo(new HashSet<>(two.names()));
      for (String tensor : two.names()) {
        assertThat(read(one, tensor)).as(tensor).isEqualTo(read(two, tensor));
      }
    }
    try (Tokenizer one = Tokenizer.open(found.path());
        Tokenizer two = Tokenizer.open(expected.path())) {
      for (boolean special : new boolean[] {true, false}) {
        assertThat(one.encode("ABCA", special)).isEqualTo(two.encode("ABCA", special));
      }
      assertThat(List.of(one.bos(), one.eos(), one.pad()))
          .isEqualTo(List.of(two.bos(), two.eos(), two.pad()));
    }
    assertThat(found.chatTemplate()).isEqualTo(expected.chatTemplate());
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-linear", "llama-llama3", "qwen2", "qwen2-yarn", "qwen3"})
  void everyFamilyComesBackBitForBit(String name) throws Exception {
    Path original = Path.of(GgufExportTest.class.getResource("/families/" + name).toURI());
    Path file = temporary.resolve("made.gguf");
    try (TensorSource weights = Safetensors.openFolder(original)) {
      FamilyGguf.of(Json.read(original.resolve("config.json")), weights).write(file);
    }
    ModelFolder model = back(file, "model");
    assertSameModel(back(export(model, GgufType.F32), "again"), model);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLlamaComesBackWithTokenizerAndTemplate(boolean tied) {
    ModelFolder model = TinyModel.write(temporary.resolve("model"), 3, tied);
    ModelFolder again = back(export(model, GgufType.F32, 271, 272, 273), "again");
    assertSameModel(again, model);
    try (Tokenizer one = Tokenizer.open(again.path());
        Tokenizer two = Tokenizer.open(model.path())) {
      assertThat(one.encode(TEXT, true)).isEqualTo(two.encode(TEXT, true));
    }
    // EOS of the tokenizer first.
    assertThat(Json.read(again.path().resolve("generation_config.json")).get("eos_token_id"))
        .hasToString("[273,271,272]");
  }

  @Test
  void mistralWithoutAWindowIsALlamaAndWithOneIsRefused() throws IOException {
    ModelFolder model = TinyModel.write(temporary.resolve("model"), 3);
    change(model, config -> config.put("model_type", "mistral").putNull("sliding_window"));
    assertThat(config(back(export(model, GgufType.F32), "again"))).isEqualTo(config(model));
    change(model, config -> config.put("sliding_window", 32));
    assertRefused(model, "has no words for some of", "sliding_window 32");
  }

  private static void change(ModelFolder model, Consumer<ObjectNode> change) throws IOException {
    var config = (ObjectNode) model.config();
    change.accept(config);
    Files.writeString(model.path().resolve("config.json"), Json.pretty(config));
  }

  private void assertRefused(ModelFolder model, String... words) {
    assertThatThrownBy(() -> export(model, GgufType.F16))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(words)
        .hasMessageEndingWith("Write safetensors-bf16 instead.");
    assertThat(temporary.resolve("F16.gguf")).doesNotExist();
  }

  @Test
  void whatGgufHasNoWordsForIsRefused() throws IOException {
    ModelFolder model = TinyModel.write(temporary.resolve("model"), 3);
    ObjectNode original = (ObjectNode) model.config();
    change(model, config -> config.put("hidden_act", "gelu"));
    assertRefused(model, "hidden_act \"gelu\"");
    change(
        model,
        config -> {
          config.setAll(original);
          config.set(
              "rope_parameters",
              Json.mapper()
                  .valueToTree(Map.of("rope_type", "dynamic", "rope_theta", 1e4, "factor", 2.0)));
        });
    assertRefused(model, "rope_parameters {");
    change(model, config -> config.put("model_type", "phi3"));
    assertRefused(model, "a model of type \"phi3\" cannot be written as GGUF yet; known: llama");
  }

  @Test
  void aTokenizerOfAnotherRuleIsRefused() throws IOException {
    ModelFolder model = TinyModel.write(temporary.resolve("model"), 3);
    Path file = model.path().resolve("tokenizer.json");
    var tokenizer = (ObjectNode) Json.read(file);
    tokenizer.set("normalizer", Json.mapper().valueToTree(Map.of("type", "Lowercase")));
    Files.writeString(file, Json.pretty(tokenizer));
    assertRefused(model, "its pre_tokenizer and normalizer are none of the rules");
    tokenizer.putNull("normalizer");
    tokenizer.set(
        "post_processor",
        Json.mapper()
            .valueToTree(
                TokenizerJson.around(
                    List.of(new TokenizerJson.Token("<|im_end|>", 273)), List.of())));
    Files.writeString(file, Json.pretty(tokenizer));
    assertRefused(model, "it adds other tokens than BOS and EOS");
  }

  /** Scores of SentencePiece come back as an order, which joins the same pieces. */
  @Test
  void sentencePiecesComeBackAsTheyWere() throws IOException {
    var gguf = new TinyGguf(12);
    List<String> tokens =
        List.of(
            "<unk>", "<s>", "</s>", "<0xC3>", "<0xA9>", "\u2581", "a", "b", "ab", "\u2581a", "X");
    gguf.metadata.put("tokenizer.ggml.model", "llama");
    gguf.metadata.put("tokenizer.ggml.tokens", tokens);
    gguf.metadata.put("tokenizer.ggml.token_type", List.of(2, 3, 3, 6, 6, 1, 1, 1, 1, 1, 4));
    gguf.metadata.put(
        "tokenizer.ggml.scores", List.of(0f, 0f, 0f, 0f, 0f, -9f, -9f, -9f, -1f, -2f, 0f));
    gguf.metadata.put("tokenizer.ggml.bos_token_id", 1);
    gguf.metadata.put("tokenizer.ggml.eos_token_id", 2);
    gguf.metadata.put("tokenizer.ggml.unknown_token_id", 0);
    gguf.tensor(new Random(12), "token_embd", tokens.size(), TinyGguf.HIDDEN);
    for (boolean prefix : new boolean[] {true, false}) {
      gguf.metadata.put("tokenizer.ggml.add_space_prefix", prefix);
      gguf.metadata.put("tokenizer.ggml.add_bos_token", prefix);
      ModelFolder model = back(gguf.write(temporary.resolve("made.gguf")), "model" + prefix);
      ModelFolder again = back(export(model, GgufType.F32), "again" + prefix);
      assertThat(Files.readString(again.path().resolve("tokenizer.json")))
          .isEqualTo(Files.readString(model.path().resolve("tokenizer.json")));
      assertThat(Files.readString(again.path().resolve("tokenizer_config.json")))
          .isEqualTo(Files.readString(model.path().resolve("tokenizer_config.json")));
    }
  }

  @Test
  void idsWithoutATokenArePadding() throws IOException {
    ModelFolder model = TinyModel.write(temporary.resolve("model"), 3);
    JsonNode config = model.config();
    int vocabulary = config.get("vocab_size").intValue() + 2;
    change(model, all -> all.put("vocab_size", vocabulary));
    widen(model, vocabulary);
    Path file = export(model, GgufType.F32);
    try (Gguf.File gguf = Gguf.open(file)) {
      List<?> tokens = (List<?>) gguf.metadata().get("tokenizer.ggml.tokens");
      assertThat(tokens).hasSize(vocabulary);
      assertThat(tokens.get(vocabulary - 1)).isEqualTo("[PAD" + (vocabulary - 1) + "]");
      assertThat((List<?>) gguf.metadata().get("tokenizer.ggml.token_type")).last().isEqualTo(5L);
    }
  }

  private static void widen(ModelFolder model, int vocabulary) {
    var tensors = new ArrayList<Safetensors.FloatTensor>();
    try (TensorSource weights = model.weights()) {
      for (String name : weights.names()) {
        boolean embedding = name.contains("embed_tokens");
        long rows = embedding ? vocabulary : weights.shape(name).get(0);
        var shape = new ArrayList<>(weights.shape(name));
        shape.set(0, rows);
        float[] values = Arrays.copyOf(read(weights, name), (int) Safetensors.elements(shape));
        tensors.add(new Safetensors.FloatTensor(name, shape, values));
      }
    }
    Safetensors.write(
        model.path().resolve(Safetensors.MODEL_FILE), tensors, Safetensors.PT_METADATA);
  }

  @Test
  void whatAFolderHoldsWithoutNeedIsLeftOut() throws IOException {
    ModelFolder model = TinyModel.write(temporary.resolve("model"), 3, false);
    change(model, config -> config.put("tie_word_embeddings", true));
    ModelFolder again = back(export(model, GgufType.F32), "again");
    assertThat(config(again)).isEqualTo(config(model));
    try (TensorSource weights = again.weights()) {
      assertThat(weights.names()).doesNotContain("lm_head.weight");
    }
  }

  @Test
  void biasesOfLlamasAreRefused() throws IOException {
    ModelFolder model = TinyModel.write(temporary.resolve("model"), 3);
    change(model, config -> config.put("mlp_bias", true));
    var tensors = new ArrayList<Safetensors.FloatTensor>();
    try (TensorSource weights = model.weights()) {
      for (String name : weights.names()) {
        List<Long> shape = weights.shape(name);
        tensors.add(new Safetensors.FloatTensor(name, shape, read(weights, name)));
        if (name.contains(".mlp.")) {
          tensors.add(
              new Safetensors.FloatTensor(
                  name.replace(".weight", ".bias"),
                  shape.subList(0, 1),
                  new float[shape.get(0).intValue()]));
        }
      }
    }
    Safetensors.write(
        model.path().resolve(Safetensors.MODEL_FILE), tensors, Safetensors.PT_METADATA);
    assertRefused(model, "mlp_bias true");
  }

  /** Rows of 16 and 24 are no whole blocks: every matrix of the tiny model falls back to F16. */
  @Test
  void typesFollowTheRule() {
    ModelFolder tiny = TinyModel.write(temporary.resolve("model"), 3, false);
    Map<String, GgufType> types = new LinkedHashMap<>();
    try (TensorSource weights = tiny.weights()) {
      types.putAll(
          GgufExport.write(tiny, weights, Set.of(), temporary.resolve("q.gguf"), GgufType.Q4_0));
    }
    assertThat(types)
        .containsEntry("token_embd.weight", GgufType.F16)
        .containsEntry("blk.1.attn_q.weight", GgufType.F16)
        .containsEntry("blk.1.attn_norm.weight", GgufType.F32)
        .containsEntry("output_norm.weight", GgufType.F32);
    assertThat(types.keySet().iterator().next()).isEqualTo("token_embd.weight");
    assertThat(new ArrayList<>(types.keySet()).indexOf("blk.0.attn_q.weight"))
        .isLessThan(new ArrayList<>(types.keySet()).indexOf("blk.1.attn_q.weight"));
  }
}
