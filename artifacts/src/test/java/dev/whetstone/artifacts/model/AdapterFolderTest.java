package dev.whetstone.artifacts.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.AdapterFolder.Config;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterFolderTest {
  private static final String MODULE = "base_model.model.model.layers.0.self_attn.q_proj";

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
    Path file = folder.resolve(AdapterFolder.CONFIG_FILE);
    var config = (ObjectNode) Json.read(file);
    config.set(key, Json.mapper().readTree(json));
    Files.writeString(file, Json.pretty(config));
    return folder;
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
        "use_dora            | true                  | use_dora is true",
        "use_rslora          | true                  | use_rslora is true",
        "rank_pattern        | {\"q_proj\": 4}       | rank_pattern is {\"q_proj\":4}",
        "alpha_pattern       | {\"q_proj\": 4}       | alpha_pattern is",
        "modules_to_save     | [\"lm_head\"]         | modules_to_save is [\"lm_head\"]",
        "bias                | \"all\"               | bias is \"all\", expected \"none\"",
        "fan_in_fan_out      | true                  | fan_in_fan_out is true",
        "layers_to_transform | [0]                   | layers_to_transform is [0]",
        "layers_to_transform | 0                     | layers_to_transform is 0",
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
