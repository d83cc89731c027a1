package dev.whetstone.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.testing.CommandOutcome;
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

/** {@code eval}, given what is broken: one sentence, exit code 2, no finished result. */
class BadInputTest {
  private static final String TASK =
      """
      task: sums
      dataset_path: json
      dataset_kwargs: {data_files: {test: sums.jsonl}}
      test_split: test
      output_type: multiple_choice
      doc_to_text: "{{q}} ="
      doc_to_choice: "{{choices}}"
      doc_to_target: "{{answer}}"
      metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
      """;

  private static final String DOCUMENT =
      "{\"q\": \"1 + 1\", \"choices\": [\"2\", \"3\"], \"answer\": 0}";

  @TempDir private Path folder;
  private Path model;
  private Path tasks;

  @BeforeEach
  void makeWorld() throws IOException {
    model = TinyModel.write(folder.resolve("model"), 1).path();
    tasks = Files.createDirectory(folder.resolve("tasks"));
    Files.writeString(tasks.resolve("sums.yaml"), TASK);
    Files.writeString(tasks.resolve("sums.jsonl"), DOCUMENT + "\n" + DOCUMENT + "\n");
  }

  private CommandOutcome eval(Object... more) {
    var arguments =
        new ArrayList<Object>(
            List.of("--model", model, "--tasks", "sums", "--include-path", tasks));
    arguments.addAll(List.of("--out", folder.resolve("out")));
    arguments.addAll(List.of(more));
    return CommandOutcome.of(new EvalCommand(), arguments.toArray());
  }

  private void assertRefused(CommandOutcome outcome, String part) {
    assertThat(outcome.exitCode()).as(outcome.errors()).isEqualTo(2);
    assertThat(outcome.sentences()).singleElement().asString().contains(part);
    assertThat(outcome.output()).isEmpty();
    assertThat(folder.resolve("out/manifest.json")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "doc_to_text: [        | sums.yaml: not YAML",
        "tag: &a [*a]          | one that holds itself",
        "tag: !function {a: 1} | expected a name after !function",
        "shots: 3              | unknown key \"shots\". Known keys:",
        "doc_to_image: x       | doc_to_image is set, which is not supported here",
      })
  void tasksThatCannotBeReadAreNamed(String line, String part) throws IOException {
    Path file = Files.writeString(tasks.resolve("sums.yaml"), TASK + line + "\n");
    assertRefused(
        CommandOutcome.of(
            new EvalCommand(), "--model", model, "--tasks", file, "--out", folder.resolve("out")),
        part);
  }

  @Test
  void tasksThatAreNotThereAreNamed() throws IOException {
    assertRefused(eval("--tasks", "gone"), "unknown task \"gone\"; known in");
    Files.delete(tasks.resolve("sums.yaml"));
    Files.createDirectory(tasks.resolve("sums.yaml"));
    assertRefused(eval(), "expected a task file (YAML), found a folder");
    Files.delete(tasks.resolve("sums.yaml"));
    Files.createSymbolicLink(tasks.resolve("sums.yaml"), tasks.resolve("sums.yaml"));
    assertRefused(eval(), "Too many levels of symbolic links");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"q\": \"1                  | sums.jsonl, line 3: not the JSON that was expected",
        "[1]                          | sums.jsonl, line 3: expected a JSON object, found ARRAY",
        "{\"q\": \"a\", \"q\": \"b\"} | Duplicate field 'q'",
      })
  void documentsThatCannotBeReadAreNamedByLine(String line, String part) throws IOException {
    Files.writeString(tasks.resolve("sums.jsonl"), DOCUMENT + "\n" + DOCUMENT + "\n" + line + "\n");
    assertRefused(eval(), part);
    Files.writeString(tasks.resolve("sums.jsonl"), "");
    assertRefused(eval(), "has no document");
    Files.write(tasks.resolve("sums.jsonl"), new byte[] {(byte) 0xFF});
    assertRefused(eval(), "expected documents (JSON) in UTF-8");
  }

  @Test
  void anAdapterOfAnotherModelIsRefused() {
    Path adapter = folder.resolve("adapter");
    TinyModel.writeAdapter(adapter, 2, TinyModel.HIDDEN + 2, List.of());
    assertRefused(eval("--adapter", adapter), "Was it trained on another base model?");
    assertRefused(eval("--adapter", folder.resolve("gone")), "expected an adapter folder here");
  }

  @Test
  void oddNamesAreOnlyNames() throws IOException {
    Path odd = Files.createDirectory(folder.resolve("it's \"odd\"\n命令 {a} [b] *:"));
    Path named = Files.move(tasks, odd.resolve("tasks"));
    CommandOutcome outcome =
        CommandOutcome.of(
            new EvalCommand(),
            "--model",
            Files.move(model, odd.resolve("model")),
            "--tasks",
            "sums",
            "--include-path",
            named,
            "--out",
            odd.resolve("out"));
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    assertThat(odd.resolve("out/manifest.json")).exists();
  }
}
