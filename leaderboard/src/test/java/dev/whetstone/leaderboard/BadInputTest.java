package dev.whetstone.leaderboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.testing.CommandOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The board's commands, given what is broken: one sentence, exit code 2, the board as it was. */
class BadInputTest {
  @TempDir private Path folder;
  private Path result;
  private Path database;

  @BeforeEach
  void makeResult() {
    result = TinyResults.ofBase("m", 3).documents(4).write(folder.resolve("result"));
    database = folder.resolve("board.db");
  }

  private static CommandOutcome run(Object... arguments) {
    return CommandOutcome.of(new LeaderboardMain(), arguments);
  }

  private static void assertRefused(CommandOutcome outcome, int code, String part) {
    assertThat(outcome.exitCode()).as(outcome.errors()).isEqualTo(code);
    assertThat(outcome.sentences()).singleElement().asString().contains(part);
    assertThat(outcome.output()).isEmpty();
  }

  private void assertNotAdded(String part) {
    assertRefused(run("board", "add", result, "--db", database), 2, part);
    assertThat(database).doesNotExist();
  }

  private Path file(String start) throws IOException {
    try (Stream<Path> files = Files.list(result)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(start))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void resultsThatAreNoneAreNamed() throws IOException {
    assertRefused(
        run("board", "add", folder.resolve("gone"), "--db", database),
        2,
        "gone: expected a result folder here, found none");
    Path samples = file("samples_orders");
    String whole = Files.readString(samples);
    Files.writeString(samples, whole.substring(0, whole.length() - 20));
    assertNotAdded(samples.getFileName() + ", line 4: ");
    Files.writeString(samples, "null\n" + whole);
    assertNotAdded("expected a whole doc_id in every sample");
    Files.writeString(samples, "");
    assertNotAdded("expected metrics and samples");
    Files.writeString(samples, whole);
    Path results = file("results_");
    String table = Files.readString(results);
    Files.writeString(results, "[".repeat(100_000));
    assertNotAdded("depth");
    Files.writeString(results, "{\"results\": {}, \"results\": {}}");
    assertNotAdded("Duplicate field 'results'");
    Files.writeString(results, table);
    Path manifest = result.resolve(Manifest.FILE);
    String made = Files.readString(manifest);
    Files.writeString(manifest, made.replace("whetstone.result/1", "whetstone.result/2"));
    assertNotAdded("expected whetstone.result/1, found whetstone.result/2");
    Files.writeString(manifest, Json.pretty(Json.mapper().createObjectNode()));
    assertNotAdded("manifest.json: ");
  }

  @Test
  void databasesThatAreNoneAreNamed() throws IOException {
    Files.writeString(database, "Dear reader, this is a letter and no database. ".repeat(30));
    assertRefused(run("board", "list", "--db", database), 2, "expected a board's database");
    Path shelf = Files.createDirectory(folder.resolve("shelf"));
    assertRefused(run("board", "list", "--db", shelf), 2, "found a folder");
    Path below = result.resolve(Manifest.FILE).resolve("board.db");
    assertRefused(run("board", "list", "--db", below), 2, "cannot be written there");
  }

  @Test
  void aDatabaseOfALaterVersionIsNotTouched() throws SQLException, IOException {
    assertThat(run("board", "add", result, "--db", database).exitCode()).isZero();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO flyway_schema_history SELECT 99, '999', 'later', type, 'V999__later.sql',"
              + " checksum, installed_by, installed_on, execution_time, success"
              + " FROM flyway_schema_history WHERE version = '1'");
    }
    assertRefused(
        run("board", "list", "--db", database),
        2,
        "found one that a later Whetstone changed (schema version 999)");
  }

  @Test
  void aDatabaseThatIsCutIsNamed() throws IOException {
    assertThat(run("board", "add", result, "--db", database).exitCode()).isZero();
    byte[] whole = Files.readAllBytes(database);
    Files.write(database, Arrays.copyOf(whole, whole.length / 2));
    assertRefused(run("board", "list", "--db", database), 2, "expected a board's database");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"with space", "it's \"quoted\"", "命令 ünï", "two\nlines", "who? #1 %20", "a:b*"})
  void aNameIsOnlyAName(String name) throws IOException {
    Path place = Files.createDirectory(folder.resolve(name));
    Path added = TinyResults.ofBase("m", 3).documents(4).write(place.resolve("result"));
    Path board = place.resolve(name + ".db");
    assertThat(run("board", "add", added, "--db", board).exitCode()).isZero();
    assertThat(board).exists();
    CommandOutcome exported = run("board", "export", "--db", board, "--out", place.resolve("site"));
    assertThat(exported.exitCode()).as(exported.errors()).isZero();
    assertThat(place.resolve("site/index.html")).exists();
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("result", name);
  }

  @Test
  void aSiteIsNotWrittenOverOtherFiles() throws IOException {
    assertThat(run("board", "add", result, "--db", database).exitCode()).isZero();
    Path letters = Files.createDirectory(folder.resolve("letters"));
    Files.writeString(letters.resolve("dear.txt"), "reader");
    assertRefused(
        run("board", "export", "--db", database, "--out", letters), 2, "found other files");
    assertRefused(
        run("board", "export", "--db", database, "--out", letters.resolve("dear.txt")),
        2,
        "dear.txt");
    assertThat(letters.resolve("dear.txt")).hasContent("reader");
  }
}
