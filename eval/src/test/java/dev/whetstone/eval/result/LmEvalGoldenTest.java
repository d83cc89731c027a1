package dev.whetstone.eval.result;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.JsonLines;
import dev.whetstone.eval.answer.Answer;
import dev.whetstone.eval.answer.TaskAnswers;
import dev.whetstone.eval.prompt.PromptStyle;
import dev.whetstone.eval.prompt.Prompts;
import dev.whetstone.eval.prompt.RenderedDocument;
import dev.whetstone.eval.python.PythonJson;
import dev.whetstone.eval.task.Benchmark;
import dev.whetstone.eval.task.OutputType;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.eval.task.TaskFiles;
import dev.whetstone.models.text.ChatTemplate;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Samples and results of lm-evaluation-harness 0.4.13, made by {@code golden/make.py}, text for
 * text: our prompts and scores from its answers.
 */
class LmEvalGoldenTest {
  private static final String TEMPLATE =
      "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}</{{"
          + " message['role'] }}>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

  /** How a golden run was made. */
  private record Run(String name, PromptStyle style, int limit) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Run> runs() {
    var chat = Optional.of(ChatTemplate.of(TEMPLATE, Map.of()));
    return Stream.of(
        new Run("plain", PromptStyle.plain(), Integer.MAX_VALUE),
        new Run(
            "chat",
            new PromptStyle(Optional.empty(), "Be brief.", chat, true, PromptStyle.DEFAULT_SEED),
            Integer.MAX_VALUE),
        new Run(
            "chat-single",
            new PromptStyle(Optional.of(1), "", chat, false, PromptStyle.DEFAULT_SEED),
            2));
  }

  private static final List<String> TASKS =
      List.of("tiny_choice", "tiny_letters", "tiny_blank", "tiny_sums", "tiny_names", "tiny_next");

  @ParameterizedTest
  @MethodSource("runs")
  void samplesAreThoseOfLmEvalToTheLetter(Run run) throws Exception {
    for (TaskConfig task : tasks()) {
      Path golden = golden().resolve("%s-%s.samples.jsonl".formatted(run.name(), task.name()));
      List<String> ours = new ArrayList<>();
      result(run, task).rows().forEach(row -> ours.add(PythonJson.line(row)));
      assertThat(ours).as(task.name()).isEqualTo(Files.readAllLines(golden));
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void resultsAndConfigurationsAreThoseOfLmEval(Run run) throws Exception {
    var results = new ArrayList<TaskResult>();
    for (TaskConfig task : tasks()) {
      results.add(result(run, task));
    }
    var description =
        new RunDescription(
            "models/tiny",
            Map.of(),
            1,
            "",
            Optional.empty(),
            true,
            Optional.empty(),
            1234,
            Map.of(),
            100,
            0,
            "2026-01-01T00-00-00",
            Map.of());
    String written = PythonJson.indented(ResultFiles.document(results, description, 1));
    JsonNode ours = Json.mapper().readTree(written);
    JsonNode theirs = Json.read(golden().resolve(run.name() + ".results.json"));
    for (String task : TASKS) {
      ((ObjectNode) ours.path("configs").path(task).path("metadata")).remove("config_source");
    }
    for (String key : List.of("results", "versions", "n-shot", "n-samples", "task_hashes")) {
      for (String task : TASKS) {
        assertThat(ours.path(key).path(task))
            .as(key + " " + task)
            .isEqualTo(theirs.path(key).path(task));
      }
    }
    for (String key : List.of("configs", "higher_is_better")) {
      for (String task : TASKS) {
        assertThat(ours.path(key).path(task))
            .as(key + " " + task)
            .isEqualTo(theirs.path(key).path(task));
      }
    }
  }

  @Test
  void theTaskHashTellsChatFromText() throws Exception {
    Run plain = runs().findFirst().orElseThrow();
    Run chat = runs().skip(1).findFirst().orElseThrow();
    TaskConfig task = tasks().get(0);
    assertThat(result(plain, task).taskHash()).isNotEqualTo(result(chat, task).taskHash());
  }

  private static List<TaskConfig> tasks() throws URISyntaxException {
    return new TaskFiles(Optional.of(golden())).tasks(TASKS);
  }

  private static TaskResult result(Run run, TaskConfig task) throws URISyntaxException {
    Benchmark benchmark = Benchmark.open(task);
    List<RenderedDocument> documents = new Prompts(benchmark, run.style()).documents(run.limit());
    return TaskResult.of(
        benchmark,
        Prompts.numFewshot(task, run.style()),
        documents,
        new TaskAnswers(answers(run, task), 0, 0, 0));
  }

  /** lm-eval's model's answers, out of its samples. */
  private static List<List<Answer>> answers(Run run, TaskConfig task) throws URISyntaxException {
    var byDocument = new LinkedHashMap<Integer, List<Answer>>();
    Path file = golden().resolve("%s-%s.samples.jsonl".formatted(run.name(), task.name()));
    for (JsonNode row : JsonLines.read(file, JsonNode.class)) {
      var answers = new ArrayList<Answer>();
      for (JsonNode response : row.path("resps")) {
        answers.add(answer(task, response.path(0)));
      }
      byDocument.put(row.path("doc_id").asInt(), answers);
    }
    return List.copyOf(byDocument.values());
  }

  private static Answer answer(TaskConfig task, JsonNode response) {
    if (task.outputType() == OutputType.GENERATE_UNTIL) {
      return new Answer(List.of(1), List.of(), false, response.asText(), "LENGTH");
    }
    float logProb = Float.parseFloat(response.path(0).asText());
    boolean greedy = response.path(1).asText().equals("True");
    return new Answer(List.of(1), List.of(logProb), greedy, "", "");
  }

  private static Path golden() throws URISyntaxException {
    return Path.of(LmEvalGoldenTest.class.getResource("/dev/whetstone/eval/golden/make.py").toURI())
        .getParent();
  }
}
