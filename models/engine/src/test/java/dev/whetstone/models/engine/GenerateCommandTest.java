package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.testing.CommandOutcome;
import dev.whetstone.models.engine.generation.GenerationConfigFile;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerateCommandTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void makeModel() {
    model = TinyModel.write(folder.resolve("model"), 5).path();
  }

  private CommandOutcome generate(Object... more) {
    var arguments = new ArrayList<Object>(List.of("generate", "--model", model, "--prompt", "a b"));
    arguments.add("--raw");
    arguments.addAll(List.of(more));
    if (!List.of(more).contains("--max-new-tokens=0")) {
      arguments.add("--max-new-tokens=12");
    }
    return CommandOutcome.of(new EngineMain(), arguments.toArray());
  }

  private List<JsonNode> answers(Object... more) {
    var arguments = new ArrayList<Object>(List.of(more));
    arguments.add("--json");
    CommandOutcome outcome = generate(arguments.toArray());
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    return outcome.output().lines().map(GenerateCommandTest::json).toList();
  }

  private static JsonNode json(String line) {
    try {
      return Json.mapper().readTree(line);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new AssertionError(line, e);
    }
  }

  private void generationConfig(String text) throws IOException {
    Files.writeString(model.resolve(GenerationConfigFile.NAME), text);
  }

  @Test
  void whatWasUsedIsReturned() {
    JsonNode settings =
        answers("--temperature", 0.7, "--top-p", 0.9, "--seed", 3, "--stop", "x")
            .get(0)
            .get("settings");
    assertThat(settings.toString())
        .isEqualTo(
            "{\"max_new_tokens\":12,\"stop_strings\":[\"x\"],\"do_sample\":true,\"temperature\":0.7,"
                + "\"top_k\":0,\"top_p\":0.9,\"min_p\":0.0,\"repetition_penalty\":1.0,\"seed\":3}");
  }

  @Test
  void aSeedGivesItsAnswerAndSamplesDiffer() {
    List<JsonNode> first = answers("--temperature", 1.5, "--seed", 3, "--samples", 5);
    assertThat(answers("--temperature", 1.5, "--seed", 3, "--samples", 5)).isEqualTo(first);
    assertThat(answers("--temperature", 1.5, "--seed", 4, "--samples", 5)).isNotEqualTo(first);
    assertThat(first).extracting(answer -> answer.get("tokens")).doesNotHaveDuplicates();
    JsonNode third = first.get(2);
    long seed = third.get("settings").get("seed").asLong();
    assertThat(answers("--temperature", 1.5, "--seed", seed))
        .as("made alone")
        .containsExactly(third);
  }

  @Test
  void theModelsGenerationConfigCountsOnlyWhereItIsAskedFor() throws IOException {
    JsonNode plain = answers().get(0);
    generationConfig(
        "{\"do_sample\": true, \"temperature\": 0.6, \"top_p\": 0.95, \"repetition_penalty\": 1.05,"
            + " \"eos_token_id\": 2, \"num_beams\": 1}");
    assertThat(answers().get(0).get("settings")).isEqualTo(plain.get("settings"));
    JsonNode asked = answers("--generation-config", "model", "--top-p", 0.5).get(0).get("settings");
    assertThat(asked.get("temperature").asDouble()).isEqualTo(0.6);
    assertThat(asked.get("top_k").asInt()).as("transformers' default").isEqualTo(50);
    assertThat(asked.get("top_p").asDouble()).as("an option wins").isEqualTo(0.5);
    assertThat(asked.get("repetition_penalty").asDouble()).isEqualTo(1.05);
  }

  @Test
  void aStreamIsTheAnswer() {
    assertThat(generate("--stream", "--temperature", 2).output())
        .isEqualTo(generate("--temperature", 2).output());
  }

  @Test
  void anAnswerOfASchemaThatIsCutSaysSo() throws IOException {
    Path schema =
        Files.writeString(folder.resolve("schema.json"), "{\"type\":\"string\",\"minLength\":99}");
    CommandOutcome outcome = generate("--json-schema", schema);
    assertThat(outcome.output()).startsWith("\"");
    assertThat(outcome.errors()).contains("cut after 12 tokens, so it may be no document");
    Files.writeString(schema, "{\"enum\":[\"red\",\"blue\"]}");
    assertThat(generate("--json-schema", schema).output().strip()).isIn("\"red\"", "\"blue\"");
  }

  private static void assertRefused(CommandOutcome outcome, String part) {
    assertThat(outcome.exitCode()).as(outcome.errors()).isEqualTo(2);
    assertThat(outcome.sentences()).singleElement().asString().contains(part);
    assertThat(outcome.output()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--top-k=3 --seed=1              | --top-k, --seed has no effect at temperature 0",
        "--temperature=-1                | temperature must be 0 or more, found -1.0",
        "--temperature=1 --top-p=1.1     | top-p must lie in [0, 1], found 1.1",
        "--samples=2                     | all 2 answers would be the same",
        "--samples=0 --temperature=1     | --samples: expected 1 or more, found 0",
        "--stream --json                 | --stream prints one answer",
        "--max-new-tokens=0              | expected at least 1 new token, found 0",
        "--stop=                         | --stop: expected a text",
        "--generation-config=model       | generation_config.json",
        "--json-schema=none.json         | none.json",
      })
  void optionsThatCannotBeMeantAreRefused(String options, String sentence) {
    assertRefused(generate((Object[]) options.split(" ")), sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"no_repeat_ngram_size\": 3}            | \"no_repeat_ngram_size\" is not supported;"
            + " known:",
        "{\"do_sample\": true, \"top_p\": 7}      | top-p must lie in [0, 1], found 7.0",
        "{\"min_new_tokens\": 1}                  | \"min_new_tokens\" is not supported",
        "{\"do_sample\": \"yes\"}                 | expected true or false for do_sample",
        "{\"do_sample\": true, \"top_k\": 4.5}    | expected a whole number for top_k, found 4.5",
        "{\"repetition_penalty\": \"high\"}       | expected a number for repetition_penalty",
      })
  void aGenerationConfigThatCannotBeFollowedIsRefused(String text, String sentence)
      throws IOException {
    generationConfig(text);
    CommandOutcome outcome = generate("--generation-config", "model");
    assertRefused(outcome, sentence);
    assertRefused(outcome, GenerationConfigFile.NAME);
  }
}
