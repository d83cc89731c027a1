package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.testing.CommandOutcome;
import dev.whetstone.models.engine.hub.TinyGguf;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands of this room, given what is broken: one sentence, exit code 2, nothing written. */
class BadInputTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void makeModel() {
    model = TinyModel.write(folder.resolve("model"), 1).path();
  }

  private static void assertRefused(CommandOutcome outcome, String part) {
    assertThat(outcome.exitCode()).as(outcome.errors()).isEqualTo(2);
    assertThat(outcome.sentences()).singleElement().asString().contains(part);
    assertThat(outcome.output()).isEmpty();
  }

  private CommandOutcome generate() {
    return CommandOutcome.of(new EngineMain(), "generate", "--model", model, "--prompt", "a b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "vocab_size              | 2147483648     | expected an integer vocab_size, found"
            + " 2147483648",
        "vocab_size              | 300            | is [274, 16], expected [300, 16]",
        "hidden_size             | 1e9            | expected an integer hidden_size",
        "num_hidden_layers       | 1000000000     | has 1000000000 layers, the weights have 20"
            + " tensors",
        "num_hidden_layers       | 3              | model.layers.2.input_layernorm.weight is"
            + " missing",
        "num_attention_heads     | 0              | heads must be >= 1: 0",
        "num_attention_heads     | 3              | heads must be a multiple of keyValueHeads: 3,"
            + " 2",
        "num_key_value_heads     | 3              | heads must be a multiple of keyValueHeads: 4,"
            + " 3",
        "head_dim                | 1000           | expected [4000, 16]",
        "head_dim                | 2147483647     | head_dim must be at most 65536, found"
            + " 2147483647",
        "head_dim                | -2             | headSize must be >= 1: -2",
        "max_position_embeddings | 2147483647     | maxPositions times headSize must be below 2^31",
        "max_position_embeddings | 4294967296     | expected an integer max_position_embeddings",
        "max_position_embeddings | \"many\"       | expected an integer max_position_embeddings",
        "rms_norm_eps            | Infinity       | normEpsilon must be in [0, 1): Infinity",
        "rms_norm_eps            | NaN            | normEpsilon must be in [0, 1): NaN",
        "rms_norm_eps            | \"small\"      | expected a number rms_norm_eps, found"
            + " \"small\"",
        "rope_parameters         | 3              | expected an object for rope_parameters, found"
            + " 3",
        "rope_parameters         | {\"rope_type\": \"spiral\"} | unknown rotary kind \"spiral\";"
            + " known: default, linear, llama3, yarn",
        "rope_parameters         | {\"rope_type\": \"linear\"} | expected a number factor, found"
            + " none",
        "rope_parameters         | {\"rope_type\": \"yarn\", \"factor\": 0} | factor must be > 0"
            + " and finite, found 0.0",
        "rope_parameters         | {\"rope_theta\": 1e999} | rope_theta must be > 0 and finite",
        "tie_word_embeddings     | \"yes\"        | expected true or false for tie_word_embeddings",
        "eos_token_id            | [1, \"end\"]   | expected a token id or a list of them",
        "model_type              | \"mamba\"      | unknown model_type \"mamba\"; known: llama,"
            + " mistral, qwen2, qwen3",
      })
  void anAbsurdConfigurationIsNamed(String key, String value, String sentence) throws IOException {
    Path file = model.resolve("config.json");
    var config = (ObjectNode) Json.read(file);
    config.put(key, "HERE");
    Files.writeString(file, Json.line(config).replace("\"HERE\"", value));
    assertRefused(generate(), sentence);
  }

  @Test
  void aWeightThatIsNotFiniteIsNamed() throws IOException {
    try (var file = new RandomAccessFile(model.resolve(Safetensors.MODEL_FILE).toFile(), "rw")) {
      file.seek(file.length() - 4);
      file.write(new byte[] {0, 0, (byte) 0xC0, 0x7F}); // NaN, little-endian
    }
    assertRefused(generate(), "holds a value that is not finite");
  }

  @Test
  void weightsThatOverflowAreNoticedBeforeAnyAnswer() throws IOException {
    float[] huge = new float[TinyModel.HIDDEN];
    Arrays.fill(huge, 3e38f);
    try (var weights = ModelFolder.open(model).weights()) {
      var tensors =
          weights.names().stream()
              .map(
                  name -> {
                    float[] values = new float[(int) Safetensors.elements(weights.shape(name))];
                    weights.read(name, 0, FloatBuffer.wrap(values));
                    boolean norm = name.equals("model.norm.weight");
                    return new FloatTensor(name, weights.shape(name), norm ? huge : values);
                  })
              .toList();
      Safetensors.write(model.resolve("new.safetensors"), tensors, Map.of());
    }
    Files.move(
        model.resolve("new.safetensors"),
        model.resolve(Safetensors.MODEL_FILE),
        StandardCopyOption.REPLACE_EXISTING);
    assertRefused(generate(), "expected a finite one");
  }

  @Test
  void headersThatLieAreNamed() throws IOException {
    Path file = model.resolve(Safetensors.MODEL_FILE);
    byte[] whole = Files.readAllBytes(file);
    Files.write(
        file, ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 62).array());
    assertRefused(generate(), "header length 4611686018427387904 is not between");
    writeHeader(file, "{'a':{'dtype':'F32','shape':[2000],'data_offsets':[0,8000]}}", 8);
    assertRefused(generate(), "data_offsets [0, 8000], outside the 8 bytes of data");
    writeHeader(
        file,
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}",
        12);
    assertRefused(generate(), "tensors overlap");
    writeHeader(file, "{'a':" + "[".repeat(100_000), 0);
    assertRefused(generate(), "depth");
    writeHeader(file, "{'a':{},'a':{}}", 0);
    assertRefused(generate(), "Duplicate field 'a'");
  }

  private static void writeHeader(Path file, String json, int dataBytes) throws IOException {
    byte[] head = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    Files.write(
        file,
        ByteBuffer.allocate(8 + head.length + dataBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(head.length)
            .put(head)
            .array());
  }

  @Test
  void aTokenizerOfAnotherModelIsNoticedAtTheFirstForeignToken() throws IOException {
    Path file = model.resolve("tokenizer.json");
    var json = (ObjectNode) Json.read(file);
    var vocabulary = (ObjectNode) json.at("/model/vocab");
    vocabulary.put("a", 5000);
    Files.writeString(file, Json.line(json));
    assertRefused(
        CommandOutcome.of(
            new EngineMain(),
            "generate",
            "--raw",
            "--model",
            model,
            "--prompt",
            "a",
            "--max-new-tokens",
            4),
        "token id 5000 is not in the model's vocabulary of 274");
  }

  @Test
  void filesThatAreNoneAreNamed() throws IOException {
    Path file = model.resolve("tokenizer.json");
    Files.writeString(file, "");
    assertRefused(generate(), "tokenizer.json");
    Files.delete(file);
    Files.createSymbolicLink(file, file);
    assertRefused(generate(), "lacks tokenizer.json");
    Files.delete(file);
    Files.createDirectory(file);
    assertRefused(generate(), "lacks tokenizer.json");
  }

  private Path adapter(int width) {
    var elder = new Ancestor("model", "elder", "sha256:elder", Map.of());
    return TinyModel.writeAdapter(folder.resolve("adapter"), 2, width, List.of(elder)).path();
  }

  @Test
  void anAdapterOfAnotherShapeIsRefusedByEveryCommand() {
    Path adapter = adapter(TinyModel.HIDDEN + 2);
    Path out = folder.resolve("merged");
    assertRefused(
        CommandOutcome.of(
            new EngineMain(), "generate", "--model", model, "--adapter", adapter, "--prompt", "a"),
        "Was it trained on another base model?");
    assertRefused(
        CommandOutcome.of(
            new EngineMain(), "merge", "--model", model, "--adapter", adapter, "--out", out),
        "Was it trained on another base model?");
    assertThat(out).doesNotExist();
  }

  @Test
  void anAdapterOfASiblingIsAppliedButSaidToBe() throws IOException {
    ArtifactFolder.finish(
        model,
        new Manifest(
            ModelFolder.FORMAT,
            "sha256:id",
            "sha256:younger",
            Map.of(),
            Json.mapper().createObjectNode(),
            Json.mapper().createObjectNode(),
            Map.of(),
            Map.of(),
            List.of(),
            "2026-01-02T03:04:05Z",
            1));
    CommandOutcome outcome =
        CommandOutcome.of(
            new EngineMain(),
            "generate",
            "--model",
            model,
            "--adapter",
            adapter(TinyModel.HIDDEN),
            "--prompt",
            "a",
            "--max-new-tokens",
            2);
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    assertThat(outcome.errors()).contains("was trained on elder with other weights");
  }

  private void assertNotFetched(Path gguf, String part) {
    Path to = folder.resolve("fetched");
    assertRefused(CommandOutcome.of(new EngineMain(), "fetch", gguf, "--to", to), part);
    assertThat(to).doesNotExist();
    assertThat(folder.toFile().list()).noneMatch(name -> name.contains("partial"));
  }

  @Test
  void aGgufFileThatIsCutIsNotFetched() throws IOException {
    Path gguf = new TinyGguf(1).write(folder.resolve("tiny.gguf"));
    byte[] whole = Files.readAllBytes(gguf);
    Files.write(gguf, Arrays.copyOf(whole, whole.length - 600));
    assertNotFetched(gguf, "runs past the end of the file");
    Files.write(gguf, Arrays.copyOf(whole, whole.length / 10));
    assertNotFetched(gguf, "tiny.gguf: ");
    Files.write(gguf, new byte[0]);
    assertNotFetched(gguf, "expected a GGUF head of 24 bytes, found 0 bytes");
    assertNotFetched(folder.resolve("gone.gguf"), "gone.gguf: expected a file here, found no file");
    assertNotFetched(
        Files.createDirectory(folder.resolve("shelf.gguf")),
        "expected a model folder, but it lacks");
  }

  @Test
  void aGgufFileWhoseTensorsDoNotFitItsMetadataIsNotFetched() throws IOException {
    var missing = new TinyGguf(1);
    missing.shapes.remove("blk.0.ffn_up.weight");
    assertNotFetched(
        missing.write(folder.resolve("a.gguf")), "layers.0.mlp.up_proj.weight is missing");
    var flat = new TinyGguf(1);
    flat.tensor(new Random(1), "blk.0.attn_q", TinyGguf.HIDDEN * TinyGguf.HIDDEN);
    assertNotFetched(
        flat.write(folder.resolve("b.gguf")), "q_proj.weight is [64], expected [8, 8]");
    var heads = new TinyGguf(1);
    heads.metadata.put("llama.attention.head_count", 3);
    assertNotFetched(heads.write(folder.resolve("c.gguf")), "c.gguf: ");
    var layers = new TinyGguf(1);
    layers.metadata.put("llama.block_count", 1_000_000_000);
    assertNotFetched(layers.write(folder.resolve("d.gguf")), "its metadata has 1000000000 layers");
  }

  @ParameterizedTest
  @CsvSource({
    "tokenizer.ggml.tokens, expected a list of texts",
    "tokenizer.ggml.token_type, expected a list of integers",
    "tokenizer.ggml.merges, expected a list of texts",
    "llama.attention.layer_norm_rms_epsilon, expected a finite number",
    "llama.attention.key_length, expected a positive integer",
    "llama.block_count, expected a positive integer",
  })
  void ggufMetadataOfAnotherTypeAreNamed(String key, String part) throws IOException {
    var gguf = new TinyGguf(1);
    gguf.metadata.put(key, "many");
    assertNotFetched(gguf.write(folder.resolve("typed.gguf")), part + " for " + key);
  }

  @Test
  void ggufTokensThatMakeNoTokenizerAreNamed() throws IOException {
    var merges = new TinyGguf(1);
    merges.metadata.put("tokenizer.ggml.merges", List.of("no such", "tokens"));
    assertNotFetched(merges.write(folder.resolve("m.gguf")), "its metadata make no tokenizer");
    var outside = new TinyGguf(1);
    outside.metadata.put("tokenizer.ggml.eos_token_id", 1_000_000);
    assertNotFetched(outside.write(folder.resolve("e.gguf")), "as the id of one of 99 tokens");
  }
}
