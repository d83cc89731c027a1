package dev.whetstone.datasets.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Datasets of conversations, of pairs and of labelled answers. */
class RowKindsTest {
  @TempDir Path world;

  @Test
  void aDatasetOfPairsHoldsBothSides() throws IOException {
    TinyTokenizer.write(world.resolve("model"));
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      rows.add(pair("p" + i, "number " + i * 7919 + "?", "it is " + i, "no idea, " + i * 31));
    }
    rows.add(pair("same", "which of them?", "This one.", " this  ONE."));
    rows.add(pair("again", "number 7919?", "it is 1", "NO idea, 31"));
    rows.add(pair("other", "number 7919?", "it is 1", "rejected for another reason, as you see"));
    DatasetFolder dataset = prepare("pairs", world.resolve("model").toString(), rows);
    JsonNode dropped = dataset.manifest().counts().get("dropped");
    assertThat(dropped.get("no-preference").asInt()).isEqualTo(1);
    assertThat(dropped.get("exact-duplicate").asInt()).isEqualTo(1);
    assertThat(dropped.get("near-duplicate").asInt()).isZero();
    List<JsonNode> all = rows(dataset);
    assertThat(all).hasSize(21);
    assertThat(all.get(0).properties())
        .extracting(Map.Entry::getKey)
        .contains("rejected", "prompt_turns", "rejected_input_ids", "rejected_labels")
        .doesNotContain("label");
    try (Tokenizer tokenizer = Tokenizer.open(world.resolve("model"))) {
      for (JsonNode row : all) {
        assertThat(row.get("prompt_turns").asInt()).isEqualTo(1);
        assertThat(learned(tokenizer, row.get("labels")))
            .startsWith(row.at("/messages/1/content").asText());
        assertThat(learned(tokenizer, row.get("rejected_labels")))
            .startsWith(row.at("/rejected/0/content").asText());
        assertThat(row.get("rejected_labels")).hasSameSizeAs(row.get("rejected_input_ids"));
      }
    }
  }

  @Test
  void aDatasetOfLabelledAnswersHoldsTheLabel() throws IOException {
    DatasetFolder dataset =
        prepare(
            "labelled",
            "",
            List.of(labelled("what is it?", "a", true), labelled("what is it?", "b", false)));
    List<JsonNode> all = rows(dataset);
    assertThat(all)
        .extracting(row -> row.at("/messages/1/content").asText() + row.get("label").asBoolean())
        .containsExactlyInAnyOrder("atrue", "bfalse");
    assertThat(all.get(0).has("rejected")).isFalse();
  }

  @Test
  void aMessageCountsWhatItsRowSays() throws IOException {
    TinyTokenizer.write(world.resolve("model"));
    String model = world.resolve("model").toString();
    String plain =
        "{'messages': [{'role': 'user', 'content': 'a?'}, {'role': 'assistant', 'content':"
            + " '%s'%s}]}";
    List<String> rows =
        List.of(
            plain.formatted("half", ", 'weight': 0.5").replace('\'', '"'),
            plain.formatted("whole", ", 'weight': 1").replace('\'', '"'),
            plain.formatted("as ever", "").replace('\'', '"'));
    DatasetFolder first = prepare("weighted", model, rows);
    DatasetFolder second = prepare("again", model, first.path());
    assertThat(second.manifest().content()).isEqualTo(first.manifest().content());
    for (JsonNode row : rows(first)) {
      boolean half = row.at("/messages/1/content").asText().equals("half");
      assertThat(row.at("/messages/1/weight").isNumber()).isEqualTo(half);
      assertThat(row.path("loss_weights").isArray()).isEqualTo(half);
    }
    try (var tokens = first.rows("train")) {
      int halves = 0;
      while (tokens.hasNext()) {
        DatasetFolder.TokenRow row = tokens.next();
        if (row.weights().isPresent()) {
          halves++;
          for (int t = 0; t < row.labels().length; t++) {
            assertThat(row.weights().get()[t]).isEqualTo(row.labels()[t] < 0 ? 0f : 0.5f);
          }
        }
      }
      assertThat(halves).isEqualTo(1);
    }
    assertThat(rows(prepare("plain", model, rows.subList(1, 3))).get(0).has("loss_weights"))
        .isFalse();
  }

  @Test
  void aDatasetOfPairsIsASourceOfTheSamePairs() throws IOException {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      rows.add(pair("p" + i, "number " + i * 7919 + "?", "it is " + i, "no idea, " + i * 31));
    }
    DatasetFolder first = prepare("first", "", rows);
    DatasetFolder second = prepare("second", "", first.path());
    assertThat(second.manifest().content()).isEqualTo(first.manifest().content());
  }

  @Test
  void rowsOfSeveralKindsAreRefusedWithTheirNumbers() {
    List<String> mixed =
        List.of(
            labelled("what is it?", "a", true),
            labelled("where is it?", "b", true),
            pair("p", "why is it?", "so", "else"),
            "{\"prompt\": \"who is it?\", \"completion\": \"me\"}");
    assertThatThrownBy(() -> prepare("mixed", "", mixed))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(
            "expected rows of one kind, found 1 conversations, 1 pairs of a chosen and a rejected"
                + " answer, 2 answers with a label");
    assertThat(world.resolve("mixed/manifest.json")).doesNotExist();
  }

  private DatasetFolder prepare(String name, String model, List<String> rows) throws IOException {
    return prepare(name, model, Files.write(world.resolve(name + ".jsonl"), rows));
  }

  private DatasetFolder prepare(String name, String model, Path raw) {
    Map<String, Object> section =
        Map.of(
            "sources",
            List.of(Map.of("path", raw.toString())),
            "model",
            model,
            "split",
            Map.of("train", 1));
    return new PrepareDataset(
            name,
            Json.mapper().convertValue(section, PrepareConfig.class),
            new SparkRuntime(Optional.of("local[2]"), Optional.of(2), Optional.empty()),
            Optional.empty(),
            Clock.systemUTC())
        .run(world.resolve(name), false);
  }

  private static List<JsonNode> rows(DatasetFolder dataset) {
    List<JsonNode> rows = new ArrayList<>();
    try (var all = dataset.jsonRows("train")) {
      all.forEachRemaining(rows::add);
    }
    return rows;
  }

  private static String learned(Tokenizer tokenizer, JsonNode labels) {
    int[] targets =
        IntStream.range(0, labels.size())
            .map(i -> labels.get(i).asInt())
            .filter(l -> l >= 0)
            .toArray();
    return tokenizer.decode(targets, false);
  }

  private static String pair(String id, String prompt, String chosen, String rejected) {
    return Json.line(Map.of("id", id, "prompt", prompt, "chosen", chosen, "rejected", rejected));
  }

  private static String labelled(String prompt, String completion, boolean label) {
    return Json.line(Map.of("prompt", prompt, "completion", completion, "label", label));
  }
}
