package dev.whetstone.leaderboard.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.Publishing;
import dev.whetstone.leaderboard.entry.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultReaderTest {
  @TempDir private Path folder;
  private int folders;

  @Test
  void ourFolderBringsItsLineage() {
    Entry entry =
        ResultReader.read(
            TinyResults.ofAdapter("tiny", "tiny-orders").write(folder.resolve("r")), "");
    assertThat(entry.name()).isEqualTo("tiny-orders");
    assertThat(entry.model().baseName()).isEqualTo("tiny");
    assertThat(entry.model().isBase()).isFalse();
    assertThat(entry.lineage())
        .extracting(link -> link.kind())
        .containsExactly("source", "items", "model", "dataset", "run", "adapter");
    TaskResult orders = entry.tasks().get(1);
    assertThat(orders.task()).isEqualTo("orders");
    assertThat(orders.primary()).isEqualTo("json_exact_match,none");
    assertThat(orders.version()).isEqualTo("1.0");
    assertThat(orders.samples()).hasSize(40);
    assertThat(orders.metric("json_field_f1,none").orElseThrow().standardError()).isEmpty();
    assertThat(orders.scores("json_field_f1,none")).isPresent();
  }

  @Test
  void plainFolderIsKnownByNameAndFoundOneDeeper() {
    TinyResults.ofAdapter("org/tiny", "my/adapter").writeLmEval(folder.resolve("out/org__tiny"));
    Entry entry = ResultReader.read(folder.resolve("out"), "mine");
    assertThat(entry.name()).isEqualTo("mine");
    assertThat(entry.model().base()).isEqualTo("name:org/tiny");
    assertThat(entry.model().adapter()).isEqualTo("name:my/adapter");
    assertThat(entry.evaluated()).isEqualTo("2026-01-02T03:04:05.500Z");
    assertThat(entry.seconds()).isEqualTo(12.5);
    assertThat(entry.lineage()).isEmpty();
  }

  @Test
  void choicesAreShownByTheirText() {
    TinyResults.ofBase("tiny", 0).right(0, 1, 1).write(folder.resolve("r"));
    TaskResult general = ResultReader.read(folder.resolve("r"), "").tasks().get(0);
    assertThat(general.samples().get(2).target()).isEqualTo("choice 2");
    assertThat(general.samples().get(2).answer()).isEqualTo("choice 2");
  }

  private Publishing publishing(TinyResults results) {
    Path place = folder.resolve("r" + folders++);
    return ResultReader.read(results.write(place), "").tasks().get(0).publishing();
  }

  @Test
  void withoutAWordOwnDataAreHashedAndPublicBenchmarksShown() {
    TinyResults base = TinyResults.ofBase("tiny", 0).documents(3).publish("", "");
    assertThat(publishing(base).documents()).isEqualTo(Publish.HASHES);
    assertThat(publishing(base.from("openai/gsm8k")).documents()).isEqualTo(Publish.TEXT);
    assertThat(publishing(base.from("Idavidrein/gpqa")).documents())
        .as("its authors ask for it")
        .isEqualTo(Publish.HASHES);
    assertThat(publishing(base.from("openai/gsm8k").publish("none", "")).documents())
        .as("the task's word counts")
        .isEqualTo(Publish.NONE);
  }

  @Test
  void answersShowNoMoreThanTheDatasetAllows() {
    TinyResults adapter = TinyResults.ofAdapter("tiny", "a").documents(3);
    assertThat(publishing(adapter.publish("text", "text")))
        .isEqualTo(new Publishing(Publish.TEXT, Publish.TEXT));
    assertThat(publishing(adapter.publish("text", "none")))
        .isEqualTo(new Publishing(Publish.TEXT, Publish.NONE));
    assertThat(publishing(adapter.publish("text", "")))
        .as("a dataset that says nothing")
        .isEqualTo(new Publishing(Publish.TEXT, Publish.HASHES));
    assertThat(publishing(adapter.publish("hashes", "text")))
        .isEqualTo(new Publishing(Publish.HASHES, Publish.HASHES));
  }

  @Test
  void unknownWordOfPublishingIsRefused() {
    assertThatThrownBy(
            () -> publishing(TinyResults.ofBase("tiny", 0).documents(3).publish("all", "")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(
            "task general: metadata: publish: unknown value \"all\"; known: text, hashes, none");
    assertThatThrownBy(
            () -> publishing(TinyResults.ofAdapter("tiny", "a").documents(3).publish("text", "x")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("lineage, dataset orders: publish: unknown value \"x\"");
  }

  @Test
  void whatIsNoResultIsRefusedWithASentence() throws IOException {
    assertThatThrownBy(() -> ResultReader.read(folder.resolve("none"), ""))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a result folder here, found none");
    assertThatThrownBy(() -> ResultReader.read(folder, ""))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected results_<date>.json or one folder that holds it, found 0");
    Files.writeString(
        folder.resolve("results_x.json"), "{\"results\": {\"a\": {\"acc,none\": 1}}}");
    assertThatThrownBy(() -> ResultReader.read(folder, ""))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--log_samples");
    Files.writeString(folder.resolve("samples_a_x.jsonl"), "{\"doc_id\": 1.5}\n");
    assertThatThrownBy(() -> ResultReader.read(folder, ""))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a whole doc_id in every sample, found 1.5");
  }
}
