package dev.whetstone.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.JsonLines;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.testing.CommandOutcome;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code prepare}, given what is broken: a broken row is kept aside and counted; a broken input is
 * one sentence, exit code 2, and nothing is left.
 */
class BadInputTest {
  @TempDir private Path folder;

  private static String row(int n) {
    return Json.line(
        Map.of(
            "messages",
            List.of(
                Map.of("role", "user", "content", "order number " + n * 7919L + " of " + n),
                Map.of("role", "assistant", "content", n + " sent"))));
  }

  private CommandOutcome prepare(Path out, String... sources) throws IOException {
    return prepare(out, Map.of(), sources);
  }

  private CommandOutcome prepare(Path out, Map<String, Object> more, String... sources)
      throws IOException {
    var section = new TreeMap<String, Object>(more);
    section.put("sources", Arrays.stream(sources).map(source -> Map.of("path", source)).toList());
    section.put("dedup", Map.of("near", Map.of("enabled", false)));
    Path recipe =
        Files.writeString(
            folder.resolve("recipe.yaml"), Json.line(Map.of("name", "t", "prepare", section)));
    return CommandOutcome.of(new PrepareCommand(), recipe, "--out", out, "--master", "local[2]");
  }

  private static void assertRefused(CommandOutcome outcome, String part) {
    assertThat(outcome.exitCode()).as(outcome.errors()).isEqualTo(2);
    assertThat(outcome.sentences()).singleElement().asString().contains(part);
    assertThat(outcome.output()).isEmpty();
    assertThat(outcome.errors()).doesNotContain("\tat ");
  }

  @Test
  void threeBrokenRowsInAThousandAreKeptAsideAndCounted() throws IOException {
    var lines = new ArrayList<String>();
    for (int n = 0; n < 1000; n++) {
      lines.add(row(n));
    }
    lines.set(10, "{\"messages\": [");
    lines.set(500, "[".repeat(100_000));
    lines.set(
        900,
        "{\"messages\": [{\"role\": \"wizard\", \"content\": \"x\"},"
            + " {\"role\": \"assistant\", \"content\": \"y\"}]}");
    Path source = Files.write(folder.resolve("rows.jsonl"), lines);
    Path out = folder.resolve("dataset");
    CommandOutcome outcome = prepare(out, source.toString());
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    DatasetFolder dataset = DatasetFolder.open(out);
    JsonNode counts = dataset.manifest().counts();
    assertThat(counts.at("/read").asInt()).isEqualTo(1000);
    assertThat(counts.at("/dropped/broken").asInt()).isEqualTo(3);
    assertThat(dataset.rowCount("train") + dataset.rowCount("validation")).isEqualTo(997);
    List<JsonNode> aside = JsonLines.read(out.resolve("dropped/broken.jsonl"), JsonNode.class);
    assertThat(aside).extracting(row -> row.get("line").asInt()).containsExactly(11, 501, 901);
    assertThat(aside.get(1).get("detail").asText()).contains("depth");
    assertThat(aside.get(2).get("detail").asText()).contains("unknown role \"wizard\"");
  }

  @Test
  void rowsThatAreAllBrokenAreAnErrorThatNamesTheFirst() throws IOException {
    Path source = Files.writeString(folder.resolve("broken.jsonl"), "{\n[]\n7\n\"x\"\n");
    Path out = folder.resolve("dataset");
    CommandOutcome outcome = prepare(out, source.toString());
    assertRefused(outcome, "none of the 4 rows can be used");
    assertThat(outcome.sentences().get(0)).contains("broken.jsonl, line 1: ").contains("line 3: ");
    assertThat(out).doesNotExist();
    Files.writeString(source, "\n \n");
    assertRefused(prepare(out, source.toString()), "the files are empty");
  }

  @Test
  void rowsThatAreAllTooLongAreAnErrorToo() throws IOException {
    TinyTokenizer.write(folder.resolve("model"));
    Path source = Files.writeString(folder.resolve("long.jsonl"), row(1) + "\n" + row(2) + "\n");
    assertRefused(
        prepare(
            folder.resolve("dataset"),
            Map.of("model", folder.resolve("model").toString(), "max_length", 5),
            source.toString()),
        "expected rows to train on, found none: of 2 that were read");
  }

  @Test
  void aNameIsOnlyAName() throws IOException {
    Path place = Files.createDirectory(folder.resolve("it's \"odd\"\n命令 ünï {a,b} [x] *?:#%20\\"));
    String[] names = {
      "with space",
      "it's \"quoted\"",
      "命令 ünï",
      "two\nlines",
      "{a,b} [x] *?",
      "a:b",
      "100%20#1",
      "back\\slash"
    };
    var sources = new ArrayList<String>();
    for (String name : names) {
      Path source = place.resolve(name + ".jsonl");
      Files.writeString(source, row(sources.size()) + "\n");
      sources.add(source.toString());
    }
    Path out = place.resolve("out");
    CommandOutcome outcome = prepare(out, sources.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    DatasetFolder dataset = DatasetFolder.open(out);
    assertThat(dataset.rowCount("train") + dataset.rowCount("validation")).isEqualTo(names.length);
    assertThat(folder.toFile().list())
        .as("nothing beside, such as a folder of another spelling")
        .containsExactlyInAnyOrder("recipe.yaml", place.getFileName().toString());
  }

  @Test
  void globsStillFindTheirFiles() throws IOException {
    Files.writeString(folder.resolve("a 1.jsonl"), row(1) + "\n");
    Files.writeString(folder.resolve("a 2.jsonl"), row(2) + "\n");
    Files.writeString(folder.resolve("b.jsonl"), row(3) + "\n");
    Path out = folder.resolve("out");
    CommandOutcome outcome = prepare(out, folder + "/{a *,b}.jsonl");
    assertThat(outcome.exitCode()).as(outcome.errors()).isZero();
    assertThat(DatasetFolder.open(out).manifest().counts().at("/read").asInt()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "gone.jsonl   | gone.jsonl: expected at least one file, found none",
        "gone:1.jsonl | expected the name of a file or a glob",
        "shelf        | expected a folder with files of rows",
        "[.jsonl      | [.jsonl",
        "{.jsonl      | {.jsonl",
        "notes.txt    | of which neither name nor content tells the format; say it",
      })
  void sourcesThatAreNoneAreNamed(String source, String part) throws IOException {
    Files.createDirectory(folder.resolve("shelf"));
    Files.writeString(folder.resolve("notes.txt"), "a,b\n");
    Path out = folder.resolve("out");
    // A relative path with a colon is the one that Hadoop takes for an address.
    String path = source.startsWith("gone:") ? source : folder.resolve(source).toString();
    assertRefused(prepare(out, path), part);
    assertThat(out).doesNotExist();
  }

  @Test
  void aFileThatIsCutOffIsNamedWithItsPlace() throws IOException {
    Path out = folder.resolve("out");
    Path torn = Files.write(folder.resolve("torn.gz"), torn());
    assertRefused(
        prepare(out, torn.toString()),
        "torn.gz: expected JSON Lines, but it cannot be read after line ");
    assertThat(out).doesNotExist();
  }

  /** Rows that do not end, packed. */
  private static byte[] torn() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      for (int n = 0; n < 5000; n++) {
        out.write((row(n) + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    return Arrays.copyOf(bytes.toByteArray(), bytes.size() * 2 / 3);
  }

  @Test
  void modelsThatAreNoneAreNamed() throws IOException {
    Path source = Files.writeString(folder.resolve("rows.jsonl"), row(1) + "\n");
    Path model = folder.resolve("model");
    Path out = folder.resolve("out");
    Map<String, Object> named = Map.of("model", model.toString());
    assertRefused(prepare(out, named, source.toString()), "expected a model folder");
    TinyTokenizer.write(model);
    Files.write(model.resolve("chat_template.jinja"), new byte[] {(byte) 0xFF});
    assertRefused(prepare(out, named, source.toString()), "expected a chat template in UTF-8");
    Files.writeString(model.resolve("chat_template.jinja"), "{% for %}");
    assertRefused(prepare(out, named, source.toString()), "chat template: ");
    Files.writeString(model.resolve("tokenizer.json"), "{}", StandardCharsets.UTF_8);
    Files.writeString(model.resolve("chat_template.jinja"), "x");
    assertRefused(
        prepare(out, named, source.toString()), "tokenizer.json: expected a value for model");
    assertThat(out).doesNotExist();
  }
}
