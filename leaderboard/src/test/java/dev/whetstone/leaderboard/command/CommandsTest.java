package dev.whetstone.leaderboard.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.leaderboard.LeaderboardMain;
import dev.whetstone.leaderboard.TinyResults;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
  private final PrintStream systemOut = System.out;
  private final PrintStream systemErr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;
  private String base;
  private String adapter;
  private String database;

  @BeforeEach
  void prepare() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    base = TinyResults.ofBase("m", 3).right(0.1, 0.5, 1).write(folder.resolve("base")).toString();
    adapter =
        TinyResults.ofAdapter("m", "a").right(0.9, 0.5, 2).write(folder.resolve("a")).toString();
    database = folder.resolve("board.db").toString();
  }

  @AfterEach
  void restore() {
    System.setOut(systemOut);
    System.setErr(systemErr);
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    return Commands.run(new LeaderboardMain(), args);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void addListAndExportComposeByOneLine() {
    assertThat(run("board", "add", base, adapter, "--db", database)).isZero();
    assertThat(out()).isEqualTo(database + System.lineSeparator());
    assertThat(run("board", "add", base, "--db", database)).isZero();
    assertThat(err()).contains("on the board already, nothing changed");
    assertThat(run("board", "list", "--db", database)).isZero();
    assertThat(out()).contains("json_exact_match,none", "3-shot");
    String site = folder.resolve("site").toString();
    assertThat(run("board", "export", "--out", site, "--db", database)).isZero();
    assertThat(out()).isEqualTo(site + System.lineSeparator());
    assertThat(folder.resolve("site/index.html")).exists();
  }

  @Test
  void exportCanBeToldToShowLess() {
    assertThat(run("board", "add", base, adapter, "--db", database)).isZero();
    String site = folder.resolve("site").toString();
    assertThat(run("board", "export", "--out", site, "--db", database, "--publish", "none"))
        .isZero();
    assertThat(folder.resolve("site/samples")).doesNotExist();
    assertThat(run("board", "export", "--out", site, "--db", database, "--publish", "all"))
        .isEqualTo(2);
    assertThat(err()).contains("--publish: unknown value \"all\"; known: text, hashes, none");
  }

  @Test
  void comparePrintsTheVerdictAndThatPromptsDiffer() throws Exception {
    assertThat(run("compare", base, adapter)).isZero();
    assertThat(out())
        .contains("orders: improved", "over m (3-shot)", "40 paired documents")
        .contains("the prompts differ: 3-shot against 0-shot");
    assertThat(run("compare", base, adapter, "--task", "orders", "--json")).isZero();
    JsonNode answer = Json.mapper().readTree(out());
    assertThat(answer.at("/orders/verdict").asText()).isEqualTo("improved");
    assertThat(answer.at("/orders/comparison/adjusted_p").asDouble()).isLessThan(0.01);
    assertThat(answer.has("general")).isFalse();
  }

  @Test
  void compareRefusesOtherDocumentsWithASentence() {
    String fewer =
        TinyResults.ofAdapter("m", "b").documents(20).write(folder.resolve("b")).toString();
    assertThat(run("compare", base, fewer)).isEqualTo(4);
    assertThat(err())
        .contains("not comparable: orders: the documents differ: 40 on the one side, 20");
    assertThat(run("compare", base, adapter, "--task", "nothing")).isEqualTo(2);
    assertThat(err()).contains("expected task nothing in both, found general, orders");
  }

  @Test
  void oneBadFolderLeavesTheBoardAsItWas() {
    assertThat(run("board", "add", base, folder.resolve("none").toString(), "--db", database))
        .isEqualTo(2);
    assertThat(Files.exists(Path.of(database))).isFalse();
    assertThat(run("board", "add", base, adapter, "--as", "x", "--db", database)).isEqualTo(2);
    assertThat(err()).contains("--as names one result, found 2 folders");
  }
}
