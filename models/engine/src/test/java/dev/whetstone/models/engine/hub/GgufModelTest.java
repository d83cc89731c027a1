package dev.whetstone.models.engine.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.Tokenizer;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufModelTest {
  @TempDir Path temporary;

  private ModelFolder convert(TinyGguf gguf) throws IOException {
    Path folder = temporary.resolve("model");
    Path file = gguf.write(temporary.resolve("tiny.Q4_1.gguf"));
    try (var begun =
        ArtifactFolder.begin(folder, ModelFolder.FORMAT, "sha256:id", true).orElseThrow()) {
      GgufModel.convert(file, begun, "tiny", Dtype.F32);
    }
    return ModelFolder.open(folder);
  }

  private static float[] read(TensorSource tensors, String name) {
    int size = tensors.shape(name).stream().mapToInt(Long::intValue).reduce(1, (a, b) -> a * b);
    FloatBuffer values = FloatBuffer.allocate(size);
    tensors.read(name, 0, values);
    return values.array();
  }

  @Test
  void weightsHaveTransformersNamesAndTheFilesBits() throws IOException {
    var gguf = new TinyGguf(1);
    try (TensorSource tensors = convert(gguf).weights()) {
      assertThat(tensors.names()).hasSize(gguf.shapes.size());
      Map.of(
              "model.embed_tokens.weight", "token_embd.weight",
              "model.norm.weight", "output_norm.weight",
              "model.layers.0.input_layernorm.weight", "blk.0.attn_norm.weight",
              "model.layers.0.post_attention_layernorm.weight", "blk.0.ffn_norm.weight",
              "model.layers.0.self_attn.v_proj.weight", "blk.0.attn_v.weight",
              "model.layers.0.self_attn.o_proj.weight", "blk.0.attn_output.weight",
              "model.layers.0.mlp.gate_proj.weight", "blk.0.ffn_gate.weight",
              "model.layers.0.mlp.up_proj.weight", "blk.0.ffn_up.weight",
              "model.layers.0.mlp.down_proj.weight", "blk.0.ffn_down.weight")
          .forEach(
              (name, inFile) ->
                  assertThat(read(tensors, name)).as(name).isEqualTo(gguf.values.get(inFile)));
    }
  }

  /**
   * What llama.cpp's converter does to a matrix of queries or keys: [H, 2, S/2, C] to [H, S/2, 2,
   * C].
   */
  static float[] interleave(float[] rows, int headSize, int columns) {
    float[] interleaved = new float[rows.length];
    int heads = rows.length / columns / headSize;
    int to = 0;
    for (int head = 0; head < heads; head++) {
      for (int pair = 0; pair < headSize / 2; pair++) {
        for (int half = 0; half < 2; half++) {
          int from = head * headSize + half * (headSize / 2) + pair;
          System.arraycopy(rows, from * columns, interleaved, to * columns, columns);
          to++;
        }
      }
    }
    return interleaved;
  }

  @Test
  void queriesAndKeysAreInTheOrderBeforeLlamaCppInterleavedThem() throws IOException {
    var gguf = new TinyGguf(2);
    float[] queries = gguf.values.get("blk.0.attn_q.weight").clone();
    float[] keys = gguf.values.get("blk.0.attn_k.weight").clone();
    gguf.values.put(
        "blk.0.attn_q.weight", interleave(queries, TinyGguf.HEAD_SIZE, TinyGguf.HIDDEN));
    gguf.values.put("blk.0.attn_k.weight", interleave(keys, TinyGguf.HEAD_SIZE, TinyGguf.HIDDEN));
    try (TensorSource tensors = convert(gguf).weights()) {
      assertThat(read(tensors, "model.layers.0.self_attn.q_proj.weight")).isEqualTo(queries);
      assertThat(read(tensors, "model.layers.0.self_attn.k_proj.weight")).isEqualTo(keys);
    }
  }

  @Test
  void anyPieceOfAPermutedTensorIsThatPieceOfTheWhole() {
    int columns = 5;
    int heads = 3;
    int headSize = 4;
    float[] original = new float[heads * headSize * columns];
    for (int i = 0; i < original.length; i++) {
      original[i] = i;
    }
    var file = new MemoryTensor("q", columns, interleave(original, headSize, columns));
    try (var tensors =
        new ReorderedTensors(
            file, Map.of("q", "q"), ReorderedTensors.Order.HALVES, Map.of("q", heads))) {
      for (long seed = 0; seed < 200; seed++) {
        var random = new Random(seed);
        int first = random.nextInt(original.length);
        FloatBuffer piece = FloatBuffer.allocate(random.nextInt(original.length - first) + 1);
        piece.limit(Math.min(piece.capacity(), original.length - first));
        tensors.read("q", first, piece);
        for (int i = 0; i < piece.limit(); i++) {
          assertThat(piece.get(i)).as("seed %d", seed).isEqualTo(original[first + i]);
        }
      }
    }
  }

  @Test
  void configurationIsThatOfLlamaForCausalLm() throws IOException {
    JsonNode config = convert(new TinyGguf(3)).config();
    assertThat(config.at("/architectures/0").asText()).isEqualTo("LlamaForCausalLM");
    assertThat(config.get("head_dim").asInt()).isEqualTo(TinyGguf.HEAD_SIZE);
    assertThat(config.get("num_key_value_heads").asInt()).isEqualTo(1);
    assertThat(config.get("rms_norm_eps").asDouble()).isEqualTo(1e-5);
    assertThat(config.get("rope_theta").asDouble()).isEqualTo(10000.0);
    assertThat(config.get("tie_word_embeddings").asBoolean()).isTrue();
    var untied = new TinyGguf(3);
    untied.tensor(new Random(3), "output", untied.shapes.get("token_embd.weight"));
    Files.move(temporary.resolve("model"), temporary.resolve("tied"));
    assertThat(convert(untied).config().get("tie_word_embeddings").asBoolean()).isFalse();
  }

  @Test
  void tokenizerSplitsDigitsOnlyWhereTheModelWasTrainedSo() throws IOException {
    var gguf = new TinyGguf(4);
    try (Tokenizer tokenizer = Tokenizer.open(convert(gguf).path())) {
      int[] tokens = tokenizer.encode("ab 12<|end|>", true);
      assertThat(List.of(tokens.length, tokenizer.tokenText(tokens[0]))).containsExactly(5, "ab");
      assertThat(tokens[4]).isEqualTo(tokenizer.eos().orElseThrow());
    }
    gguf.metadata.put("tokenizer.ggml.pre", "gpt-2");
    Files.move(temporary.resolve("model"), temporary.resolve("smollm"));
    try (Tokenizer tokenizer = Tokenizer.open(convert(gguf).path())) {
      assertThat(tokenizer.encode("12", true)).hasSize(1);
    }
  }

  @Test
  void beginOfTextIsAddedWhereTheFileAsksForIt() throws IOException {
    var gguf = new TinyGguf(5);
    gguf.metadata.put("tokenizer.ggml.add_bos_token", true);
    try (Tokenizer tokenizer = Tokenizer.open(convert(gguf).path())) {
      assertThat(tokenizer.encode("a", true)[0]).isEqualTo(tokenizer.bos().orElseThrow());
      assertThat(tokenizer.encode("a", false)).hasSize(1);
    }
  }

  @Test
  void theFolderTellsWhereItCameFromAndHasTheChatTemplate() throws IOException {
    ModelFolder folder = convert(new TinyGguf(6));
    Manifest manifest = folder.manifest().orElseThrow();
    assertThat(manifest.recipe().get("name").asText()).isEqualTo("tiny");
    assertThat(manifest.recipe().get("license").asText()).isEqualTo("apache-2.0");
    assertThat(manifest.lineage())
        .singleElement()
        .satisfies(source -> assertThat(source.content()).startsWith("sha256:"));
    ChatTemplate template = ChatTemplate.open(folder.path()).orElseThrow();
    assertThat(template.render(List.of(Map.of("role", "user", "content", "x")), List.of(), false))
        .isEqualTo("x");
  }

  @Test
  void whatCannotBeConvertedFaithfullyIsRefusedAndLeavesNothing() {
    assertRefused("llama.rope.scaling.type", "longrope", "longrope");
    assertRefused("llama.rope.scaling.type", "yarn", "llama.rope.scaling.factor");
    assertRefused("llama.rope.dimension_count", 2, "llama.rope.dimension_count");
    assertRefused("llama.expert_count", 8, "llama.expert_count 8");
    assertRefused("llama.logit_scale", 8f, "llama.logit_scale 8");
    assertRefused("llama.attention.sliding_window", 32, "sliding_window 32");
    assertRefused("split.count", 2, "llama-gguf-split");
    assertRefused("general.architecture", "mamba", "known: llama, qwen2, qwen3");
    assertRefused("tokenizer.ggml.pre", "other", "other");
    assertRefused("tokenizer.ggml.model", "t5", "t5");
    assertRefused("tokenizer.ggml.model", "llama", "tokenizer.ggml.scores");
    assertRefused("tokenizer.ggml.bos_token_id", 5000, "bos_token_id");
    var gguf = new TinyGguf(7);
    gguf.tensor(new Random(7), "rope_freqs", 2);
    assertRefused(gguf, "rope_freqs.weight");
    gguf.tensor(new Random(7), "rope_freqs", 3);
    assertRefused(gguf, "rope_freqs.weight of shape [2], found [3]");
  }

  @Test
  void missingSurplusAndMisfitTensorsAreInOneMessage() {
    var gguf = new TinyGguf(8);
    gguf.shapes.remove("blk.0.ffn_up.weight");
    gguf.tensor(new Random(8), "blk.0.attn_v", 2, 3);
    gguf.tensor(new Random(8), "blk.0.ffn_gate_inp", 2, 3);
    gguf.tensor(new Random(8), "model.norm", 2);
    assertThatThrownBy(() -> convert(gguf))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("4 tensors do not fit")
        .hasMessageContaining("model.layers.0.mlp.up_proj.weight is missing")
        .hasMessageContaining("tensor blk.0.ffn_gate_inp.weight is not part of the model")
        .hasMessageContaining("tensor model.norm.weight is not part of the model")
        .hasMessageContaining("v_proj.weight is [2, 3], expected [4, 8]");
    assertThat(temporary.resolve("model")).doesNotExist();
  }

  /**
   * A checkpoint of transformers, written as llama.cpp's converter would, becomes what it was: the
   * configuration that is computed with, and every weight.
   */
  @ParameterizedTest
  @ValueSource(strings = {"llama-linear", "llama-llama3", "qwen2", "qwen2-yarn", "qwen3"})
  void aCheckpointMadeGgufAndBackIsTheSameModel(String name) throws Exception {
    Path original = Path.of(GgufModelTest.class.getResource("/families/" + name).toURI());
    JsonNode config = Json.read(original.resolve("config.json"));
    try (TensorSource weights = Safetensors.openFolder(original)) {
      ModelFolder model = convert(FamilyGguf.of(config, weights));
      assertThat(DecoderConfig.of(model.config(), "converted"))
          .isEqualTo(DecoderConfig.of(config, "original"));
      try (TensorSource converted = model.weights()) {
        assertThat(converted.names()).isEqualTo(new HashSet<>(weights.names()));
        for (String tensor : weights.names()) {
          assertThat(read(converted, tensor)).as(tensor).isEqualTo(read(weights, tensor));
        }
      }
    }
  }

  @Test
  void everyTokenThatEndsATurnEndsGeneration() throws IOException {
    var gguf = new TinyGguf(9);
    gguf.metadata.put("tokenizer.ggml.eot_token_id", 3);
    Path folder = convert(gguf).path();
    assertThat(Json.read(folder.resolve("generation_config.json")).get("eos_token_id"))
        .hasToString("[%s,3]".formatted(gguf.metadata.get("tokenizer.ggml.eos_token_id")));
  }

  @Test
  void theSameFileGivesTheSameBytes() throws IOException {
    Path folder = convert(new TinyGguf(10)).path();
    // Keys in the order of the code: the bytes enter the content hash.
    assertThat(Files.readString(folder.resolve("tokenizer.json")).replaceAll("\\s+", ""))
        .contains("{\"type\":\"Digits\",\"individual_digits\":true}")
        .contains("{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true");
  }

  /** Pieces as the tokenizers of Llama 3, Qwen 2 and Mistral's Tekken split them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"llama-bpe; 123 4", "qwen2; 1 2 3 4", "tekken; 1 2 3 4", "gpt-2; 1234"})
  void digitsAreSplitAsTheRuleSays(String rule, String pieces) throws IOException {
    var gguf = new TinyGguf(11);
    List<String> tokens = new ArrayList<>(strings(gguf, "tokenizer.ggml.tokens"));
    List<String> merges = new ArrayList<>(strings(gguf, "tokenizer.ggml.merges"));
    tokens.addAll(List.of("34", "123", "1234"));
    merges.addAll(List.of("3 4", "12 3", "12 34"));
    gguf.metadata.put("tokenizer.ggml.tokens", tokens);
    gguf.metadata.put("tokenizer.ggml.merges", merges);
    gguf.metadata.put("tokenizer.ggml.token_type", Collections.nCopies(tokens.size(), 1));
    gguf.metadata.put("tokenizer.ggml.pre", rule);
    gguf.tensor(new Random(11), "token_embd", tokens.size(), TinyGguf.HIDDEN);
    try (Tokenizer tokenizer = Tokenizer.open(convert(gguf).path())) {
      List<String> found =
          Arrays.stream(tokenizer.encode("1234", false)).mapToObj(tokenizer::tokenText).toList();
      // By merges alone 1234 would be 12 34.
      assertThat(String.join(" ", found)).isEqualTo(pieces);
    }
  }

  /**
   * Scores join, not the order of the tokens; unknown characters become bytes where there are some.
   */
  @Test
  void sentencePiecesAreJoinedByTheirScores() throws IOException {
    var gguf = new TinyGguf(12);
    List<String> tokens =
        List.of("<unk>", "<s>", "</s>", "<0xC3>", "<0xA9>", "\u2581", "a", "b", "ab", "\u2581a");
    gguf.metadata.put("tokenizer.ggml.model", "llama");
    gguf.metadata.put("tokenizer.ggml.tokens", tokens);
    gguf.metadata.put("tokenizer.ggml.token_type", List.of(2, 3, 3, 6, 6, 1, 1, 1, 1, 1));
    gguf.metadata.put(
        "tokenizer.ggml.scores", List.of(0f, 0f, 0f, 0f, 0f, -9f, -9f, -9f, -1f, -2f));
    gguf.metadata.put("tokenizer.ggml.bos_token_id", 1);
    gguf.metadata.put("tokenizer.ggml.eos_token_id", 2);
    gguf.tensor(new Random(12), "token_embd", tokens.size(), TinyGguf.HIDDEN);
    try (Tokenizer tokenizer = Tokenizer.open(convert(gguf).path())) {
      assertThat(tokenizer.encode("ab a é", true)).containsExactly(1, 5, 8, 9, 5, 3, 4);
      assertThat(tokenizer.encode("x</s>", false)).containsExactly(5, 0, 2);
      assertThat(tokenizer.decode(new int[] {1, 5, 8, 9, 5, 3, 4}, true)).isEqualTo("ab a é");
    }
    gguf.metadata.put("tokenizer.ggml.add_bos_token", false);
    gguf.metadata.put("tokenizer.ggml.add_space_prefix", false);
    Files.move(temporary.resolve("model"), temporary.resolve("prefixed"));
    try (Tokenizer tokenizer = Tokenizer.open(convert(gguf).path())) {
      assertThat(tokenizer.encode("ab", true)).containsExactly(8);
    }
  }

  private static List<String> strings(TinyGguf gguf, String key) {
    return ((List<?>) gguf.metadata.get(key)).stream().map(String.class::cast).toList();
  }

  private void assertRefused(String key, Object value, String named) {
    var gguf = new TinyGguf(7);
    gguf.metadata.put(key, value);
    assertRefused(gguf, named);
  }

  private void assertRefused(TinyGguf gguf, String named) {
    assertThatThrownBy(() -> convert(gguf))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(named);
    assertThat(temporary.resolve("model")).doesNotExist();
  }

  /** One matrix in memory. */
  private record MemoryTensor(String name, long columns, float[] values) implements TensorSource {
    @Override
    public java.util.Set<String> names() {
      return java.util.Set.of(name);
    }

    @Override
    public List<Long> shape(String wanted) {
      return List.of(values.length / columns, columns);
    }

    @Override
    public Dtype dtype(String wanted) {
      return Dtype.F32;
    }

    @Override
    public void read(String wanted, long first, FloatBuffer into) {
      into.put(values, (int) first, into.remaining());
    }

    @Override
    public void close() {}
  }
}
