package dev.whetstone.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder.Pack;
import dev.whetstone.artifacts.testing.CommandOutcome;
import dev.whetstone.datasets.pack.PackPlans;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands make of a dataset that is finished: pack plans, packed rows, exports. */
class FinishedDatasetTest {
  private static final int ROWS = 40;

  @TempDir static Path world;
  private static Path dataset;

  @BeforeAll
  static void prepare() throws IOException {
    TinyTokenizer.write(world.resolve("model"));
    Random random = new Random(5);
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      String question = "what is " + random.nextInt(1000) + " and " + random.nextLong() + "?";
      rows.add(
          Json.line(
              Map.of(
                  "id",
                  "row-" + i,
                  "messages",
                  List.of(
                      Map.of("role", "user", "content", question.repeat(1 + random.nextInt(4))),
                      Map.of("role", "assistant", "content", "number " + random.nextLong())))));
    }
    Files.write(world.resolve("raw.jsonl"), rows);
    Path recipe =
        Files.writeString(
            world.resolve("recipe.yaml"),
            """
            name: t
            model: %1$s/model
            prepare:
              sources: [{path: "%1$s/raw.jsonl"}]
              max_length: 300
              dedup: {near: {enabled: false}}
              split: {train: 0.8, validation: 0.2}
            """
                .formatted(world));
    dataset = world.resolve("dataset");
    CommandOutcome outcome =
        CommandOutcome.of(new PrepareCommand(), recipe, "--out", dataset, "--master", "local[2]");
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
  }

  @Test
  void plansOfAnotherLengthComeBesideAndHoldEveryRowOnce() throws IOException {
    String manifest = Files.readString(dataset.resolve(Manifest.FILE));
    CommandOutcome outcome = CommandOutcome.of(new PacksCommand(), dataset, "--length", 700);
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    assertThat(outcome.output()).isEqualTo(dataset + "\n");
    DatasetFolder folder = DatasetFolder.open(dataset);
    for (String split : folder.splits()) {
      assertThat(folder.packLengths(split)).contains(300, 700);
      int[] lengths = PackPlans.lengths(folder, split);
      List<Pack> packs = folder.packs(split, 700);
      assertThat(packs.stream().flatMap(p -> p.rows().stream()).sorted())
          .containsExactlyElementsOf(LongStream.range(0, lengths.length).boxed().toList());
      for (Pack pack : packs) {
        assertThat(pack.rows().stream().mapToInt(r -> lengths[r.intValue()]).sum())
            .isLessThanOrEqualTo(700);
      }
    }
    byte[] plan = Files.readAllBytes(dataset.resolve("train/packs-700.arrow"));
    CommandOutcome.of(new PacksCommand(), dataset, "--length", 700);
    assertThat(dataset.resolve("train/packs-700.arrow")).hasBinaryContent(plan);
    assertThat(dataset.resolve(Manifest.FILE)).hasContent(manifest);
  }

  @Test
  void aRowThatIsLongerThanThePackIsNamed() {
    CommandOutcome outcome = CommandOutcome.of(new PacksCommand(), dataset, "--length", 60);
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.errors()).contains("at most 60 tokens", "longer ones, the longest of");
    assertThat(dataset.resolve("train/packs-60.arrow")).doesNotExist();
  }

  @Test
  void packedRowsNeedNoPlan() {
    Path packed = world.resolve("packed");
    CommandOutcome outcome =
        CommandOutcome.of(new ExportCommand(), dataset, "--packed", 512, "--out", packed);
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    DatasetFolder folder = DatasetFolder.open(dataset);
    var exported = new DatasetFolder(packed, folder.manifest());
    long tokens = 0;
    long documents = 0;
    try (var rows = exported.jsonRows("train")) {
      while (rows.hasNext()) {
        JsonNode row = rows.next();
        assertThat(row.get("input_ids").size()).isLessThanOrEqualTo(512);
        tokens += row.get("input_ids").size();
        documents += row.get("seq_lengths").size();
      }
    }
    assertThat(documents).isEqualTo(folder.rowCount("train"));
    assertThat(tokens).isEqualTo(LongStream.of(lengths(folder)).sum());
  }

  private static long[] lengths(DatasetFolder folder) {
    return java.util.Arrays.stream(PackPlans.lengths(folder, "train")).asLongStream().toArray();
  }

  @Test
  void llamaFactoryGetsAFolderThatNamesItsFiles() throws IOException {
    Path out = world.resolve("factory");
    CommandOutcome outcome =
        CommandOutcome.of(new ExportCommand(), dataset, "--to", "llama-factory", "--out", out);
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    JsonNode info = Json.read(out.resolve("dataset_info.json"));
    for (String split : DatasetFolder.open(dataset).splits()) {
      Path file = out.resolve(info.at("/" + split + "/file_name").asText());
      assertThat(Files.readAllLines(file))
          .hasSize((int) DatasetFolder.open(dataset).rowCount(split));
    }
    assertThat(info.at("/train/tags/function_tag").asText()).isEqualTo("function_call");
    assertThat(
            CommandOutcome.of(new ExportCommand(), dataset, "--to", "llama-factory", "--out", out)
                .errors())
        .contains("there already");
    assertThat(CommandOutcome.of(new ExportCommand(), dataset, "--to", "me", "--out", out).errors())
        .contains("known: messages, trl, llama-factory, ms-swift, openai");
  }

  @Test
  void preflightCountsWhatTrainersWouldCut() throws IOException {
    CommandOutcome outcome =
        CommandOutcome.of(new PreflightCommand(), dataset, "--length", 100, "--json");
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    DatasetFolder folder = DatasetFolder.open(dataset);
    long cut = 0;
    long tokens = 0;
    for (String split : folder.splits()) {
      for (int length : PackPlans.lengths(folder, split)) {
        cut += length > 100 ? 1 : 0;
        tokens += Math.max(0, length - 100);
      }
    }
    JsonNode report = Json.mapper().readTree(outcome.output());
    assertThat(report.get("rows").asInt()).isEqualTo(ROWS);
    for (JsonNode finding : report.get("findings")) {
      boolean length = finding.get("rule").asText().contains("longer than");
      boolean pairs = finding.get("trainer").asText().contains("DPO");
      if (length && !pairs) {
        assertThat(finding.get("effect").asText()).isEqualTo("cut");
        assertThat(finding.get("rows").asLong()).isEqualTo(cut);
        assertThat(finding.get("tokens").asLong()).isEqualTo(tokens);
        assertThat(finding.get("examples").get(0).asText()).startsWith("row-");
      }
    }
  }
}
