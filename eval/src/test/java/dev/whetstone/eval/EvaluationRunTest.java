package dev.whetstone.eval;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.result.ResultFolder;
import dev.whetstone.models.engine.LanguageModel;
import dev.whetstone.models.engine.Numerics;
import dev.whetstone.models.engine.generation.Sampling;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationRunTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);

  @TempDir Path folder;
  private Tokenizer tokenizer;
  private HashingModel model;

  @BeforeEach
  void makeModel() throws IOException {
    Path files = Files.createDirectory(folder.resolve("model"));
    TinyTokenizer.write(files);
    tokenizer = Tokenizer.open(files);
    model = new HashingModel(tokenizer, ChatTemplate.open(files), 4096);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void aResultHoldsScoresSamplesTokensAndLineage() throws Exception {
    ResultFolder result = run(config("tiny_choice", "tiny_sums"), "out").run(false);
    assertThat(result.tasks()).containsExactly("tiny_choice", "tiny_sums");
    JsonNode scores = result.results().path("results").path("tiny_choice");
    assertThat(scores.path("sample_len").asInt()).isEqualTo(6);
    assertThat(scores.path("acc,none").isNumber()).isTrue();
    assertThat(result.samples("tiny_choice")).hasSize(6);
    assertThat(result.samples("tiny_sums")).as("three filters").hasSize(9);
    assertThat(result.manifest().lineage()).extracting(Ancestor::kind).containsExactly("model");
    assertThat(
            result.manifest().counts().path("tasks").path("tiny_choice").path("requests").asInt())
        .isEqualTo(12);
    assertThat(rowsOf(result.tokenLogProbs())).as("scored requests only").isEqualTo(12);
    assertThat(result.path().resolve("answers.jsonl")).doesNotExist();
  }

  @Test
  void theSumOfTheTokensIsTheLogLikelihoodInTheSamples() throws Exception {
    ResultFolder result = run(config("tiny_choice"), "out").run(false);
    JsonNode first = result.samples("tiny_choice").get(0);
    double sum = model.score(List.of(model.scored.get(0)), done -> {}).get(0).sum();
    assertThat(Double.parseDouble(first.path("resps").path(0).path(0).path(0).asText()))
        .isEqualTo(sum);
  }

  @Test
  void theSameWorkIsNotDoneTwice() throws Exception {
    run(config("tiny_choice"), "out").run(false);
    int batches = model.batches.size();
    run(config("tiny_choice"), "out").run(false);
    assertThat(model.batches).hasSize(batches);
  }

  @Test
  void otherWorkDoesNotReplaceAFinishedResultUnasked() throws Exception {
    run(config("tiny_choice"), "out").run(false);
    assertThatThrownBy(() -> run(config("tiny_letters"), "out").run(false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--overwrite");
    assertThat(run(config("tiny_letters"), "out").run(true).tasks())
        .containsExactly("tiny_letters");
  }

  @Test
  void aKilledRunAsksOnlyForWhatIsMissingAndEndsTheSame() throws Exception {
    String whole =
        run(config("tiny_choice", "tiny_letters"), "whole").run(false).manifest().content();
    model.batches.clear();
    model.killedAt = 4;
    assertThatThrownBy(() -> run(config("tiny_choice", "tiny_letters"), "killed").run(false))
        .hasMessage("killed");
    Files.writeString(
        folder.resolve("killed/answers.jsonl"),
        "{\"id\": \"sha2",
        java.nio.file.StandardOpenOption.APPEND);
    model.killedAt = -1;
    model.batches.clear();
    ResultFolder resumed = run(config("tiny_choice", "tiny_letters"), "killed").run(false);
    assertThat(model.batches).as("only the last of tiny_letters").containsExactly(2);
    assertThat(resumed.manifest().content()).isEqualTo(whole);
  }

  @Test
  void aPromptThatIsTooLongLosesItsBeginningAndIsCounted() throws Exception {
    model = new HashingModel(tokenizer, Optional.empty(), 60);
    ResultFolder result = run(config("tiny_choice"), "out").run(false);
    assertThat(model.scored)
        .allSatisfy(
            request ->
                assertThat(request.context().length + request.continuation().length)
                    .isLessThanOrEqualTo(61));
    assertThat(
            result.manifest().counts().path("tasks").path("tiny_choice").path("truncated").asInt())
        .isEqualTo(12);
  }

  @Test
  void generationStopsAtTheTasksStringsAndTheEndToken() throws Exception {
    run(config("tiny_sums"), "out").run(false);
    assertThat(model.generated)
        .allSatisfy(
            request -> {
              assertThat(request.settings().maxNewTokens()).isEqualTo(16);
              assertThat(request.settings().stop()).startsWith("Question:").hasSize(2);
            });
  }

  private EvaluationRun sums(String generation, String more) throws Exception {
    Path golden = Path.of(golden());
    Files.copy(golden.resolve("sums.jsonl"), folder.resolve("sums.jsonl"), REPLACE_EXISTING);
    String told =
        Files.readString(golden.resolve("sums.yaml"))
            .replace("task: tiny_sums", "task: own_sums")
            .replaceAll(
                "generation_kwargs:.*",
                "generation_kwargs: {until: \"Q\", %s}\n%s".formatted(generation, more));
    Path task = Files.writeString(folder.resolve("own_sums.yaml"), told);
    return run(config(task.toString()), "own");
  }

  @Test
  void samplingIsAsTheTaskSaysAndEachDocumentDrawsItsOwnNumbers() throws Exception {
    sums("do_sample: true, temperature: 0.7, top_k: 5, top_p: 0.9, min_p: 0.1", "").run(true);
    assertThat(model.generated)
        .extracting(request -> request.settings().sampling().withSeed(0))
        .containsOnly(new Sampling(0.7, 5, 0.9, 0.1, 1, 0));
    assertThat(model.generated)
        .extracting(request -> request.settings().sampling().seed())
        .doesNotHaveDuplicates();
    model.generated.clear();
    sums("temperature: 0.5", "").run(true);
    assertThat(model.generated)
        .extracting(request -> request.settings().sampling().withSeed(0))
        .containsOnly(new Sampling(0.5, 0, 1, 0, 1, 0));
    model.generated.clear();
    sums("do_sample: false, temperature: 0.5, top_p: 0.9", "").run(true);
    assertThat(model.generated)
        .extracting(request -> request.settings().sampling())
        .containsOnly(Sampling.GREEDY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "do_sample: true, temperature: 0   |            | needs a temperature above 0",
        "do_sample: sometimes              |            | do_sample: expected true or false",
        "temperature: warm                 |            | temperature: expected a number",
        "temperature: 1, top_p: 2          |            | top-p must lie in [0, 1], found 2.0",
        "temperature: 1, top_k: 1.5        |            | top_k: expected a whole number",
        "num_beams: 4                      |            | \"num_beams\" is not supported; known:"
            + " do_sample",
        "temperature: 1                    | repeats: 3 | repeats: 3 answers that are sampled",
      })
  void whatCannotBeSampledIsRefused(String generation, String more, String sentence) {
    assertThatThrownBy(() -> sums(generation, more == null ? "" : more).run(true))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("own_sums.yaml")
        .hasMessageContaining(sentence);
  }

  @Test
  void anUnknownTaskIsNamedWithTheKnownOnes() {
    assertThatThrownBy(() -> run(config("tiny_chioce"), "out").run(false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("tiny_chioce")
        .hasMessageContaining("tiny_blank, tiny_choice");
  }

  @Test
  void whatMayBePublishedIsCheckedAndStandsInTheResult() throws Exception {
    Path task = folder.resolve("own.yaml");
    String told =
        Files.readString(Path.of(golden(), "choice.yaml"))
            .replace("task: tiny_choice", "task: own")
            .replaceAll("(?s)metadata:.*", "");
    try (Stream<Path> files = Files.list(Path.of(golden()))) {
      for (Path data : files.filter(file -> file.toString().endsWith(".jsonl")).toList()) {
        Files.copy(data, folder.resolve(data.getFileName()));
      }
    }
    Files.writeString(task, told + "\nmetadata: {version: 1.0, publish: some}\n");
    assertThatThrownBy(() -> run(config(task.toString()), "out").run(false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("own.yaml: metadata: publish: unknown value \"some\"")
        .hasMessageContaining("known: text, hashes, none");
    Files.writeString(task, told + "\nmetadata: {version: 1.0, publish: none}\n");
    JsonNode results = run(config(task.toString()), "out").run(false).results();
    assertThat(results.at("/configs/own/metadata/publish").asText()).isEqualTo("none");
  }

  @Test
  void aChatNeedsATemplate() {
    model = new HashingModel(tokenizer, Optional.empty(), 4096);
    var chat =
        new EvalConfig(
            List.of("tiny_choice"),
            golden(),
            null,
            null,
            null,
            null,
            true,
            null,
            null,
            null,
            null,
            null);
    assertThatThrownBy(() -> run(chat, "out").run(false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--apply-chat-template");
  }

  private EvaluationRun run(EvalConfig config, String out) {
    return new EvaluationRun(config, new HashingCandidate(model), folder.resolve(out), NOON);
  }

  private static EvalConfig config(String... tasks) {
    return new EvalConfig(
        List.of(tasks), golden(), null, null, null, null, null, null, null, null, null, null);
  }

  private static String golden() {
    try {
      return Path.of(EvaluationRunTest.class.getResource("golden/make.py").toURI())
          .getParent()
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int rowsOf(Path arrow) throws IOException {
    try (var allocator = new RootAllocator();
        var reader = new ArrowStreamReader(Files.newInputStream(arrow), allocator)) {
      int rows = 0;
      while (reader.loadNextBatch()) {
        rows += reader.getVectorSchemaRoot().getRowCount();
      }
      return rows;
    }
  }

  /** Lends its model: the test closes it. */
  private record HashingCandidate(HashingModel model) implements Candidate {
    @Override
    public Map<String, String> modelArgs() {
      return Map.of("pretrained", "models/hashing");
    }

    @Override
    public Map<String, String> inputs() {
      return Map.of("model", "sha256:0");
    }

    @Override
    public List<Ancestor> lineage() {
      return List.of(new Ancestor("model", "hashing", "sha256:0", Map.of()));
    }

    @Override
    public long parameters() {
      return 0;
    }

    @Override
    public Optional<String> chatTemplate() {
      return Optional.of("template");
    }

    @Override
    public LanguageModel open(int tokenBudget, Numerics numerics) {
      return model;
    }
  }

  @Test
  void itemsHoldTheRightAnswerFirst() {
    var items =
        ItemsRun.run(
                List.of("tiny_choice", "tiny_letters", "tiny_names"),
                Optional.of(Path.of(golden())),
                folder.resolve("items"),
                false,
                NOON)
            .items();
    assertThat(items).hasSize(11);
    var knife = items.get(1);
    assertThat(knife.question()).isEqualTo("Goal: Sharpen a knife\nAnswer:");
    assertThat(knife.answers()).containsExactly("Draw it over a whetstone.", "Rub it with butter.");
    assertThat(items.stream().filter(i -> i.task().equals("tiny_names")).findFirst())
        .hasValueSatisfying(item -> assertThat(item.answers()).containsExactly("seven", "Seven"));
    assertThat(Stream.of(items).distinct()).hasSize(1);
  }
}
