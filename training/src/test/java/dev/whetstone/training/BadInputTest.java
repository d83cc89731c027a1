package dev.whetstone.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.testing.CommandOutcome;
import dev.whetstone.artifacts.testing.TinyStreams;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code train}, given what is broken: one sentence, exit code 2, no finished run. */
class BadInputTest {
  @TempDir private Path world;
  private Path shard;

  @BeforeEach
  void makeWorld() throws IOException {
    TinyModel.write(world.resolve("model"), 1);
    TinyDataset.write(world.resolve("dataset"), 3, 1);
    String name =
        Json.read(world.resolve("dataset/train/state.json")).at("/_data_files/0/filename").asText();
    shard = world.resolve("dataset/train").resolve(name);
  }

  private CommandOutcome train(String... more) throws IOException {
    Path recipe =
        Files.writeString(
            world.resolve("recipe.yaml"),
            Json.line(
                Map.of(
                    "name",
                    "t",
                    "train",
                    Map.of(
                        "dataset",
                        world.resolve("dataset").toString(),
                        "model",
                        world.resolve("model").toString(),
                        "steps",
                        1))));
    var arguments = new ArrayList<Object>(List.of(recipe, "--out", world.resolve("run")));
    arguments.addAll(List.of(more));
    return CommandOutcome.of(new TrainCommand(), arguments.toArray());
  }

  private void assertRefused(CommandOutcome outcome, String part) {
    assertThat(outcome.exitCode()).as(outcome.errors()).isEqualTo(2);
    assertThat(outcome.sentences()).singleElement().asString().contains(part);
    assertThat(outcome.output()).isEmpty();
    assertThat(world.resolve("run/manifest.json")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "train.stps=3              | unknown key \"stps\". Known keys: accept, adapter, batch,"
            + " beta1",
        "train.steps=many          | steps: expected an integer, found \"many\"",
        "train.steps=2000000000    | steps at most 10000000",
        "train.epochs=.inf         | give one of steps, epochs and tokens",
        "train.learning_rate=.inf  | learning_rate must be > 0 and finite",
        "train.learning_rate=.nan  | learning_rate must be > 0 and finite",
        "train.weight_decay=.inf   | weight_decay",
        "train.lora.rank=2000000000 | rank must be in 1..16384",
        "train.lora.alpha=.inf     | alpha must be > 0 and at most",
        "train.pack_length=-5      | pack_length must be >= 0",
        "train.batch={rows: 65536, accumulate: 65536} | their product below 2^31",
        "train.model=gone          | gone: expected a model folder here, found none",
        "train.dataset=gone        | gone: expected a folder (whetstone.dataset/1) here, found"
            + " none",
        "train=[1]                 | the section: expected a mapping, found a list",
      })
  void valuesThatCannotBeAreNamed(String set, String part) throws IOException {
    assertRefused(train("--set", set), part);
  }

  @Test
  void tokensAndLabelsOfNoWordAreNamed() throws IOException {
    int vocabulary = TinyTokenizer.vocabularySize();
    int[] good = {1, 2, 3};
    TinyStreams.tokens(shard, 5, List.of(good, good, good, good, good, new int[] {1, -7, 3}), null);
    assertRefused(train(), "row 5: input_ids[1] is -7, below 0");
    TinyStreams.tokens(
        shard, 6, List.of(good, good, good, good, good, new int[] {1, vocabulary, 3}), null);
    assertRefused(train(), "token " + vocabulary + " is outside the model's vocabulary");
    TinyStreams.tokens(
        shard,
        6,
        List.of(good, good, good, good, good, good),
        List.of(good, good, good, good, good, new int[] {1, 2, vocabulary}));
    assertRefused(train(), "token " + vocabulary + " is outside the model's vocabulary");
  }

  @Test
  void aPlanOfRowsThatAreNotThereIsNamed() throws IOException {
    TinyStreams.tokens(shard, 1, List.of(new int[] {1, 2, 3}), null);
    assertRefused(train(), "the pack plan of train names row");
  }

  @Test
  void aDatasetOfAnotherTokenizerIsRefused() throws IOException {
    Path manifest = world.resolve("dataset/manifest.json");
    var json = (ObjectNode) Json.read(manifest);
    ((ObjectNode) json.get("inputs")).put("tokenizer", "sha256:another");
    Files.writeString(manifest, Json.pretty(json));
    assertRefused(train(), "was prepared with another tokenizer");
  }

  @Test
  void aShardThatIsCutIsNamed() throws IOException {
    byte[] whole = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(whole, whole.length / 2));
    assertRefused(train(), shard.getFileName().toString());
  }
}
