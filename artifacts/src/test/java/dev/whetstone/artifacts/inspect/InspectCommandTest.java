package dev.whetstone.artifacts.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Golden;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.TinyManifest;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.items.ItemsFolder;
import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.result.ResultFolder;
import dev.whetstone.artifacts.run.RunFolder;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class InspectCommandTest {
  private static final Ancestor SOURCE =
      new Ancestor("source", "raw.jsonl", "sha256:0123456789abcdef", Map.of("rows", "12"));

  @TempDir Path folder;

  private static String inspect(Object... args) {
    var out = new StringWriter();
    var line = new CommandLine(new InspectCommand());
    line.setOut(new PrintWriter(out));
    line.parseArgs(Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
    line.<InspectCommand>getCommand().call();
    return out.toString();
  }

  private Path dataset() throws IOException {
    Path data = Files.createDirectories(folder.resolve("train/data"));
    Files.writeString(folder.resolve("dataset_dict.json"), "{\"splits\": [\"train\"]}");
    Files.copy(Golden.file("tokens.arrow"), data.resolve("a.arrow"));
    Files.writeString(
        folder.resolve("train/state.json"),
        "{\"_data_files\": [{\"filename\": \"data/a.arrow\"}]}");
    ArtifactFolder.finish(folder, TinyManifest.of(DatasetFolder.FORMAT, SOURCE));
    return folder;
  }

  @Test
  void aDatasetTellsItsRowsCountsAndLineage() throws IOException {
    assertThat(inspect(dataset()))
        .startsWith("dataset " + folder + "\n")
        .containsPattern("rows train +3\n")
        .containsPattern("counts\n  kept +3\n")
        .containsPattern("recipe\n  seed +0\n")
        .endsWith("  └─ source raw.jsonl sha256:0123456789ab (rows 12)\n");
  }

  @Test
  void aRowShowsMessagesAndTargets() throws IOException {
    assertThat(inspect(dataset(), "--row", "first"))
        .startsWith("kept: row 0 of train\n")
        .contains("[user]\n2 + 2?\n")
        .contains("[assistant]\n4\n")
        .contains("3 tokens, 2 of them targets\n    given   1\n    target  2 3\n");
    assertThatThrownBy(() -> inspect(folder, "--row", "none"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("has no row with id \"none\", neither kept (train) nor dropped");
  }

  @Test
  void aDroppedRowSaysWhyAndWhichOneStays() throws IOException {
    dataset();
    Files.createDirectory(folder.resolve("dropped"));
    Files.writeString(
        folder.resolve("dropped/near-duplicate.jsonl"),
        """
        {"id":"copy","source":"raw.jsonl","line":7,"reason":"near-duplicate","detail":"near first, Jaccard 0.900","text":"user: 2+2?"}
        """);
    Files.writeString(
        folder.resolve("clusters.jsonl"),
        """
        {"cluster":"a","size":2,"diameter":0.0,"id":"a","source":"raw.jsonl","line":1,"stays":true,"jaccard":1.0}
        {"cluster":"a","size":2,"diameter":0.0,"id":"b","source":"raw.jsonl","line":2,"stays":false,"jaccard":1.0}
        {"cluster":"first","size":2,"diameter":0.1,"id":"first","source":"raw.jsonl","line":3,"stays":true,"jaccard":1.0}
        {"cluster":"first","size":2,"diameter":0.1,"id":"copy","source":"raw.jsonl","line":7,"stays":false,"jaccard":0.9}
        """);
    assertThat(inspect(folder, "--row", "copy"))
        .isEqualTo(
            """
            dropped for near-duplicate: near first, Jaccard 0.900
              source  raw.jsonl, line 7

            user: 2+2?

            in a cluster of 2 duplicates, diameter 0.100:
              stays  first (raw.jsonl, line 3), Jaccard 1.000 with first
            """);
    assertThat(inspect(folder, "--row", "first"))
        .startsWith("kept: row 0 of train\n")
        .contains("goes   copy (raw.jsonl, line 7), Jaccard 0.900 with first");
  }

  @Test
  void jsonHoldsTheSame() throws IOException {
    JsonNode json = Json.mapper().readTree(inspect(dataset(), "--json"));
    assertThat(json.get("kind").asText()).isEqualTo("dataset");
    assertThat(json.at("/facts/rows train").asText()).isEqualTo("3");
    assertThat(json.at("/lineage/0/name").asText()).isEqualTo("raw.jsonl");
    JsonNode row = Json.mapper().readTree(inspect(folder, "--row", "second", "--json"));
    assertThat(row.at("/kept/0/values/input_ids/0").asInt()).isEqualTo(4);
  }

  @Test
  void itemsRunsAndResultsAreTold() throws IOException {
    Path items = Files.createDirectory(folder.resolve("items"));
    try (var begun =
        ArtifactFolder.begin(items, ItemsFolder.FORMAT, "sha256:id", false).orElseThrow()) {
      ItemsFolder.write(
          begun,
          List.of(new Item("arc", "1", 0, "q", List.of("a"), "d", "p", "t")),
          TinyManifest.of(ItemsFolder.FORMAT));
    }
    assertThat(inspect(items)).startsWith("items ").containsPattern("items arc +1\n");

    Path run = Files.createDirectory(folder.resolve("run"));
    var metrics = new RunFolder.StepMetrics(1, 2.5, 0.1, 2e-4, 1024, 300, 6.5, 160, Map.of());
    Files.writeString(run.resolve(RunFolder.METRICS), Json.line(metrics));
    ArtifactFolder.finish(run, TinyManifest.of(RunFolder.FORMAT));
    assertThat(inspect(run)).startsWith("run ").containsPattern("tokens +1024\n");

    Path result = Files.createDirectory(folder.resolve("result"));
    Files.writeString(
        result.resolve("results_2026.json"), "{\"results\": {\"arc\": {\"acc,none\": 0.25}}}");
    Files.writeString(result.resolve("samples_arc_2026.jsonl"), "{}\n{}\n");
    ArtifactFolder.finish(result, TinyManifest.of(ResultFolder.FORMAT));
    assertThat(inspect(result))
        .startsWith("result ")
        .containsPattern("arc acc,none +0.25\n")
        .containsPattern("arc samples +2\n");
  }

  @Test
  void adaptersAndTensorFilesAreTold() {
    Path adapter = folder.resolve("adapter");
    String module = "base_model.model.model.layers.0.mlp.up_proj";
    AdapterFolder.write(
        adapter,
        new AdapterFolder.Config(
            "hf:org/tiny", LoraConfig.plain(1, 2, List.of("up_proj")), List.of(SOURCE)),
        Map.of("whetstone_run", "r1"),
        List.of(
            new FloatTensor(module + ".lora_A.weight", List.of(1L, 4L), new float[4]),
            new FloatTensor(module + ".lora_B.weight", List.of(3L, 1L), new float[3])));
    assertThat(inspect(adapter))
        .containsPattern("parameters +7\n")
        .containsPattern("whetstone_run +r1\n")
        .contains("└─ source raw.jsonl");
    assertThat(inspect(adapter.resolve(AdapterFolder.TENSORS_FILE)))
        .containsPattern("tensors +2 F32\n")
        .containsPattern("metadata format +pt\n");
    assertThat(inspect(Golden.file("gguf-v3.gguf")))
        .containsPattern("general.architecture +llama\n")
        .containsPattern("t.strings +list of 3\n");
  }

  @Test
  void whatIsNoArtifactIsSaidSo() {
    assertThatThrownBy(() -> inspect(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found none of these; is its making unfinished?");
    assertThatThrownBy(() -> inspect(folder.resolve("nowhere")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found nothing there");
  }
}
