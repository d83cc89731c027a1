package dev.whetstone.artifacts.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.AdapterFolder.Config;
import dev.whetstone.artifacts.model.LoraConfig.Bias;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AdapterFolderTest {
  private static final String MODULE = "base_model.model.model.layers.0.self_attn.q_proj";

  /** What the writer that knew plain LoRA only made of {@link #write}. */
  private static final String PLAIN =
      """
      {
        "alpha_pattern": {},
        "auto_mapping": null,
        "base_model_name_or_path": "hf:org/tiny",
        "bias": "none",
        "fan_in_fan_out": false,
        "inference_mode": true,
        "init_lora_weights": true,
        "layers_pattern": null,
        "layers_to_transform": null,
        "lora_alpha": 4,
        "lora_dropout": 0.0,
        "modules_to_save": null,
        "peft_type": "LORA",
        "peft_version": "0.18.0",
        "r": 2,
        "rank_pattern": {},
        "revision": null,
        "target_modules": [
          "q_proj"
        ],
        "task_type": "CAUSAL_LM",
        "use_dora": false,
        "use_rslora": false,
        "whetstone_lineage": [
          {
            "kind": "dataset",
            "name": "orders",
            "content": "sha256:d",
            "facts": {
              "rows": "12"
            }
          }
        ],
        "whetstone_tokens": 99
      }
      """;

  private static final String PLAIN_CONTENT =
      "sha256:3e3cd3233af63dd7719443246717a052a6318f4b55bc1a58397d5ecce8ee6c33";

  @TempDir Path parent;

  static Config config(int rank, double alpha) {
    return new Config(
        "hf:org/tiny",
        LoraConfig.plain(rank, alpha, List.of("q_proj")),
        List.of(new Ancestor("dataset", "orders", "sha256:d", Map.of("rows", "12"))));
  }

  static List<FloatTensor> tensors(int rank) {
    float[] a = new float[rank * 4];
    for (int i = 0; i < a.length; i++) {
      a[i] = i + 0.5f;
    }
    return List.of(
        new FloatTensor(MODULE + ".lora_B.weight", List.of(3L, (long) rank), new float[3 * rank]),
        new FloatTensor(MODULE + ".lora_A.weight", List.of((long) rank, 4L), a));
  }

  private Path write() {
    Path folder = parent.resolve("adapter");
    AdapterFolder.write(folder, config(2, 4), Map.of("whetstone_tokens", 99), tensors(2));
    return folder;
  }

  /** Changes a key of the written config. */
  private Path withKey(String key, String json) throws IOException {
    Path folder = write();
    setKey(folder, key, json);
    return folder;
  }

  private static void setKey(Path folder, String key, String json) throws IOException {
    Path file = folder.resolve(AdapterFolder.CONFIG_FILE);
    var config = (ObjectNode) Json.read(file);
    config.set(key, Json.mapper().readTree(json));
    Files.writeString(file, Json.pretty(config));
  }

  @Test
  void readingGivesBackWhatWasWritten() {
    AdapterFolder adapter = AdapterFolder.open(write());
    assertThat(adapter.config()).isEqualTo(config(2, 4));
    assertThat(adapter.ownKeys()).containsOnlyKeys("whetstone_lineage", "whetstone_tokens");
    try (TensorSource tensors = adapter.tensors()) {
      assertThat(List.copyOf(tensors.names())).isSorted();
      FloatBuffer a = FloatBuffer.allocate(8);
      tensors.read(MODULE + ".lora_A.weight", 0, a);
      assertThat(a.array()).containsExactly(0.5f, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f, 6.5f, 7.5f);
    }
  }

  @Test
  void theConfigIsWhatPeftWouldWrite() {
    JsonNode json = Json.read(write().resolve(AdapterFolder.CONFIG_FILE));
    var keys = new ArrayList<String>();
    json.fieldNames().forEachRemaining(keys::add);
    assertThat(keys).isSorted();
    assertThat(json.get("lora_alpha").isInt()).isTrue();
    assertThat(json.get("peft_type").asText()).isEqualTo("LORA");
    assertThat(json.get("target_modules")).hasToString("[\"q_proj\"]");
  }

  @Test
  void theFolderAppearsWholeAndReplacesAnOlderOne() throws IOException {
    Path folder = write();
    Files.writeString(folder.resolve("old"), "old");
    AdapterFolder.write(folder, config(1, 2), Map.of(), tensors(1));
    assertThat(AdapterFolder.open(folder).config().lora().rank()).isEqualTo(1);
    assertThat(folder.resolve("old")).doesNotExist();
    assertThat(parent.toFile().list()).containsExactly("adapter");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "use_dora            | true                  | has no lora_magnitude_vector beside it",
        "use_dora            | \"yes\"                 | expected \"use_dora\" as true or false",
        "rank_pattern        | {\"q_proj\": 4}       | lora_A.weight is [2, 4], expected [4, in]",
        "rank_pattern        | {\"q_proj\": \"4\"}     | expected \"rank_pattern\" as integers by"
            + " pattern",
        "rank_pattern        | [4]                   | expected \"rank_pattern\" as integers by"
            + " pattern",
        "rank_pattern        | {\"q(\": 4}           | \"q(\" is no regular expression",
        "rank_pattern        | {\".*.*.*.*.*.*.*.*X\": 4} | takes too long to fit to"
            + " model.layers.0",
        "alpha_pattern       | {\"q_proj\": -1}      | alpha of q_proj must be > 0",
        "alpha_pattern       | 3                     | expected \"alpha_pattern\" as numbers by"
            + " pattern",
        "modules_to_save     | [\"lm_head\"]         | no tensor is of lm_head, which was to be"
            + " saved",
        "modules_to_save     | [\"self_attn\"]       | adapts a module that is saved as a whole",
        "modules_to_save     | \"lm_head\"           | expected \"modules_to_save\" as a list of"
            + " names",
        "bias                | \"some\"              | unknown bias \"some\"",
        "lora_bias           | true                  | lora_bias is true",
        "target_parameters   | [\"experts\"]         | target_parameters is [\"experts\"]",
        "trainable_token_indices | [1]               | trainable_token_indices is [1]",
        "alora_invocation_tokens | [1]               | alora_invocation_tokens is [1]",
        "fan_in_fan_out      | true                  | fan_in_fan_out is true",
        "init_lora_weights   | \"pissa_niter_4\"     | which changes the base weights too",
        "peft_type           | \"IA3\"               | peft_type is \"IA3\"",
        "r                   | \"2\"                 | expected \"r\" as an integer",
        "r                   | 0                     | rank must be in 1..16384: 0",
        "r                   | 3                     | expected [3, in]",
        "lora_alpha          | \"much\"              | as numbers, found \"much\"",
        "lora_alpha          | 1e300                 | alpha must be > 0 and at most",
        "whetstone_lineage   | [null]                | has an empty link",
        "whetstone_lineage   | [{\"kind\": \"x\"}]   | adapter_config.json: ",
      })
  void whatIsNotAppliedExactlyIsRefusedByName(String key, String json, String fault)
      throws IOException {
    Path folder = withKey(key, json);
    assertThatThrownBy(() -> AdapterFolder.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(fault);
  }

  private static FloatTensor of(String name, long... shape) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    return new FloatTensor(name, sizes, new float[(int) Safetensors.elements(sizes)]);
  }

  private static LoraConfig lora(
      Map<String, Integer> ranks,
      Map<String, Double> alphas,
      boolean ways,
      Bias bias,
      List<String> saved) {
    return new LoraConfig(2, 4, 0.1, List.of("q_proj"), ranks, alphas, ways, ways, bias, saved);
  }

  static List<Arguments> kinds() {
    List<FloatTensor> pair =
        List.of(of(MODULE + ".lora_A.weight", 2, 4), of(MODULE + ".lora_B.weight", 3, 2));
    List<FloatTensor> wide =
        List.of(of(MODULE + ".lora_A.weight", 5, 4), of(MODULE + ".lora_B.weight", 3, 5));
    var orders = new LinkedHashMap<String, Integer>();
    orders.put("q_.*", 5); // not in the order of the alphabet: the first that fits counts
    orders.put("[a-z]_proj", 3);
    FloatTensor magnitude = of(MODULE + ".lora_magnitude_vector", 3);
    FloatTensor ownBias = of(MODULE + ".base_layer.bias", 3);
    FloatTensor bias = of("base_model.model.model.layers.0.self_attn.k_proj.bias", 3);
    FloatTensor head = of("base_model.model.lm_head.weight", 9, 4);
    Map<String, Double> alphas = Map.of("q_proj", 1.5);
    return List.of(
        arguments("patterns", lora(orders, alphas, false, Bias.NONE, List.of()), wide),
        arguments(
            "rsLoRA and DoRA",
            lora(Map.of(), Map.of(), true, Bias.NONE, List.of()),
            with(pair, magnitude)),
        arguments(
            "biases of adapted modules",
            lora(Map.of(), Map.of(), false, Bias.LORA_ONLY, List.of()),
            with(pair, ownBias)),
        arguments(
            "all biases",
            lora(Map.of(), Map.of(), false, Bias.ALL, List.of()),
            with(pair, ownBias, bias)),
        arguments(
            "saved modules",
            lora(Map.of(), Map.of(), false, Bias.NONE, List.of("lm_head", "mlp", "norm")),
            with(
                pair,
                head,
                of("base_model.model.model.layers.0.mlp.up_proj.weight", 5, 4),
                of("base_model.model.model.layers.0.input_layernorm.weight", 4))));
  }

  private static List<FloatTensor> with(List<FloatTensor> some, FloatTensor... more) {
    return Stream.concat(some.stream(), Arrays.stream(more)).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void everyKindIsReadAsItWasWritten(String kind, LoraConfig lora, List<FloatTensor> tensors) {
    Path folder = parent.resolve("adapter");
    AdapterFolder.write(folder, new Config("tiny", lora, List.of()), Map.of(), tensors);
    AdapterFolder adapter = AdapterFolder.open(folder);
    assertThat(adapter.config().lora()).isEqualTo(lora);
    assertThat(adapter.config().lora().rankPattern().keySet())
        .containsExactlyElementsOf(lora.rankPattern().keySet());
    assertThat(adapter.facts().size()).as(kind).isGreaterThan(3);
    try (TensorSource read = adapter.tensors()) {
      assertThat(read.names())
          .containsExactlyInAnyOrderElementsOf(tensors.stream().map(FloatTensor::name).toList());
    }
  }

  /** PEFT stores the frozen weight of a head that is a target. */
  @Test
  void aWeightBesideItsPairIsRead() {
    Path folder = parent.resolve("adapter");
    List<FloatTensor> tensors = with(tensors(2), of(MODULE + ".base_layer.weight", 3, 4));
    AdapterFolder.write(folder, config(2, 4), Map.of(), tensors);
    assertThat(AdapterFolder.open(folder).config()).isEqualTo(config(2, 4));
  }

  @Test
  void tensorsThatTheConfigDoesNotSpeakOfAreNamed() {
    Path folder = parent.resolve("adapter");
    List<FloatTensor> tensors =
        with(
            tensors(2),
            of(MODULE + ".lora_magnitude_vector", 3),
            of(MODULE + ".base_layer.bias", 3),
            of("base_model.model.lm_head.bias", 3),
            of("base_model.model.lm_head.base_layer.weight", 3, 4),
            of("base_model.model.model.embed_tokens.lora_embedding_A", 2, 4));
    AdapterFolder.write(folder, config(2, 4), Map.of(), tensors);
    assertThatThrownBy(() -> AdapterFolder.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("lora_magnitude_vector is of DoRA, but use_dora is false")
        .hasMessageContaining("base_layer.bias is a bias, but bias is \"none\"")
        .hasMessageContaining("lm_head.bias is a bias, but bias is \"none\"")
        .hasMessageContaining("lm_head.base_layer.weight has no pair beside it")
        .hasMessageContaining("lora_embedding_A is not a LoRA pair's tensor");
  }

  @Test
  void aMagnitudeOfAnotherLengthIsNamed() {
    Path folder = parent.resolve("adapter");
    Config dora =
        new Config("tiny", lora(Map.of(), Map.of(), true, Bias.NONE, List.of()), List.of());
    AdapterFolder.write(
        folder, dora, Map.of(), with(tensors(2), of(MODULE + ".lora_magnitude_vector", 4)));
    assertThatThrownBy(() -> AdapterFolder.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("lora_magnitude_vector is [4], expected [3]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "layers_to_transform | [0]",
        "layers_to_transform | 0",
        "layers_pattern      | \"layers\"",
        "exclude_modules     | [\"k_proj\"]",
        "target_modules      | \".*q_proj\"",
      })
  void narrowedTargetsAreModulesOfTheTensors(String key, String json) throws IOException {
    assertThat(AdapterFolder.open(withKey(key, json)).config().lora().targets())
        .containsExactly("model.layers.0.self_attn.q_proj");
  }

  /** PEFT stores the head beside an embedding that it is to stay equal to, and names only that. */
  @Test
  void aHeadThatStaysEqualToASavedEmbeddingIsSavedToo() throws IOException {
    Path folder = parent.resolve("adapter");
    LoraConfig lora = lora(Map.of(), Map.of(), false, Bias.NONE, List.of("model.embed_tokens"));
    List<FloatTensor> tensors =
        with(
            tensors(2),
            of("base_model.model.model.embed_tokens.weight", 9, 4),
            of("base_model.model.lm_head.weight", 9, 4));
    AdapterFolder.write(folder, new Config("tiny", lora, List.of()), Map.of(), tensors);
    assertThatThrownBy(() -> AdapterFolder.open(folder))
        .hasMessageContaining("lm_head.weight is not a LoRA pair's tensor, nor of modules_to_save");
    setKey(folder, "ensure_weight_tying", "true");
    assertThat(AdapterFolder.open(folder).config().lora().modulesToSave())
        .containsExactly("lm_head", "model.embed_tokens");
  }

  @Test
  void theFactsSayHowAnAdapterDiffersFromPlainLora() {
    assertThat(AdapterFolder.open(write()).facts()).containsOnlyKeys("rank", "alpha", "targets");
    var lora = lora(Map.of("q.*", 2), Map.of("q.*", 4.5), true, Bias.ALL, List.of("lm_head"));
    Path folder = parent.resolve("adapter");
    List<FloatTensor> tensors =
        with(
            tensors(2),
            of(MODULE + ".lora_magnitude_vector", 3),
            of("base_model.model.lm_head.weight", 9, 4));
    AdapterFolder.write(folder, new Config("tiny", lora, List.of()), Map.of(), tensors);
    AdapterFolder adapter = AdapterFolder.open(folder);
    assertThat(adapter.facts())
        .containsEntry("rank by pattern", "{\"q.*\":2}")
        .containsEntry("alpha by pattern", "{\"q.*\":4.5}")
        .containsEntry("scale", "alpha / sqrt(rank) (rsLoRA)")
        .containsEntry("row lengths", "trained (DoRA)")
        .containsEntry("biases trained", "all")
        .containsEntry("modules saved", "lm_head");
    assertThat(adapter.asAncestor().facts()).isEqualTo(adapter.facts());
  }

  /** Whoever has a dataset or result made with one must not find it stale. */
  @Test
  void aPlainAdapterIsWrittenAndHashedAsEver() throws IOException {
    Path folder = write();
    assertThat(Files.readString(folder.resolve(AdapterFolder.CONFIG_FILE))).isEqualTo(PLAIN);
    assertThat(AdapterFolder.open(folder).content()).isEqualTo(PLAIN_CONTENT);
  }

  @Test
  void theContentIsAnotherWhereTheScaleIs() throws IOException {
    assertThat(AdapterFolder.open(withKey("use_rslora", "true")).content())
        .isNotEqualTo(PLAIN_CONTENT);
    String five = AdapterFolder.open(withKey("alpha_pattern", "{\"q_proj\": 5}")).content();
    String six = AdapterFolder.open(withKey("alpha_pattern", "{\"q_proj\": 6}")).content();
    assertThat(List.of(five, six, PLAIN_CONTENT)).doesNotHaveDuplicates();
  }

  @Test
  void itIsCalledAsItsRunOrElseAsItsFolder() throws IOException {
    assertThat(AdapterFolder.open(write()).asAncestor().name()).isEqualTo("adapter");
    String run =
        """
        [{"kind": "run", "name": "orders", "content": "sha256:0", "facts": {}},
         {"kind": "model", "name": "tiny", "content": "sha256:1", "facts": {}}]\
        """;
    assertThat(AdapterFolder.open(withKey("whetstone_lineage", run)).asAncestor().name())
        .isEqualTo("orders");
  }

  @Test
  void keysThatNewerPeftAddsAreIgnored() throws IOException {
    assertThat(AdapterFolder.open(withKey("brand_new", "[1]")).config()).isEqualTo(config(2, 4));
  }

  @Test
  void targetsOfAPatternAreReadOffTheTensors() throws IOException {
    assertThat(
            AdapterFolder.open(withKey("target_modules", "\"all-linear\""))
                .config()
                .lora()
                .targets())
        .containsExactly("q_proj");
  }

  @Test
  void tensorsThatMakeNoPairAreNamed() {
    Path folder = parent.resolve("adapter");
    var lonely = new ArrayList<>(tensors(2));
    lonely.set(0, new FloatTensor("base_model.model.lm_head.weight", List.of(1L), new float[1]));
    AdapterFolder.write(folder, config(2, 4), Map.of(), lonely);
    assertThatThrownBy(() -> AdapterFolder.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("base_model.model.lm_head.weight is not a LoRA pair's tensor")
        .hasMessageContaining("lora_A.weight has no partner");
  }

  @Test
  void thePickleIsNeverOpened() throws IOException {
    Path folder = write();
    Files.move(folder.resolve(AdapterFolder.TENSORS_FILE), folder.resolve("adapter_model.bin"));
    assertThatThrownBy(() -> AdapterFolder.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("pickle, which is never opened");
  }

  @Test
  void theContentIsThatOfTensorsAndScaleNotOfOrderOrName() {
    Path other = parent.resolve("other");
    var reversed = new ArrayList<>(tensors(2));
    Collections.reverse(reversed);
    AdapterFolder.write(other, config(2, 4), Map.of(), reversed);
    String content = AdapterFolder.open(write()).content();
    assertThat(AdapterFolder.open(other).content()).isEqualTo(content);
    AdapterFolder.write(other, config(2, 5), Map.of(), reversed);
    assertThat(AdapterFolder.open(other).content()).isNotEqualTo(content);
  }

  @Test
  void configIsCheckedWhereItIsMade() {
    assertThatThrownBy(() -> config(0, 1)).hasMessageContaining("rank must be in 1..16384");
    assertThatThrownBy(() -> config(1, Double.NaN)).hasMessageContaining("alpha must be > 0");
    assertThat(new TreeSet<>(config(1, 1).lora().targets())).hasSize(1);
    assertThat(Safetensors.PT_METADATA).containsEntry("format", "pt");
  }
}
