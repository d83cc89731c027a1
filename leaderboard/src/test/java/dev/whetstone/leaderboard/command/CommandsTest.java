package dev.whetstone.leaderboard.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.leaderboard.LeaderboardMain;
import dev.whetstone.leaderboard.TinyResults;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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

  @Test
  void scheduleIsAddedListedAndRemoved() throws Exception {
    String[] add = {
      "board",
      "schedule",
      "add",
      "--name",
      "nightly",
      "--cron",
      "0 3 * * *",
      "--zone",
      "UTC",
      "--baseline",
      base,
      "--db",
      database,
      "--",
      "--model",
      "m",
      "--tasks",
      "orders"
    };
    assertThat(run(add)).as(err()).isZero();
    assertThat(out()).isEqualTo(database + System.lineSeparator());
    assertThat(err()).contains("nightly: due", "T03:00Z", "compared with \"m\"");
    assertThat(run(add)).isEqualTo(2);
    assertThat(err()).contains("there is a job of that name");

    assertThat(run("board", "schedule", "list", "--json", "--db", database)).isZero();
    JsonNode job = Json.mapper().readTree(out()).get(0);
    assertThat(job.path("arguments").toString())
        .isEqualTo("[\"--model\",\"m\",\"--tasks\",\"orders\"]");
    assertThat(job.path("directory").asText()).isEqualTo(Path.of("").toAbsolutePath().toString());
    assertThat(run("board", "schedule", "list", "--db", database)).isZero();
    assertThat(out()).contains("nightly", "eval --model m --tasks orders");

    String site = folder.resolve("site").toString();
    assertThat(run("board", "export", "--out", site, "--db", database)).isZero();
    assertThat(folder.resolve("site/schedule.html")).content().contains("nightly", "No run yet");

    assertThat(run("board", "schedule", "remove", "nightly", "--db", database)).isZero();
    assertThat(run("board", "schedule", "remove", "nightly", "--db", database)).isEqualTo(2);
    assertThat(err()).contains("found none of that name; there are: none");
  }

  @Test
  void whatCannotBeScheduledIsRefusedBeforeTheBoardIsTouched() {
    String[][] wrong = {
      {"--name", "a/../b", "--cron", "0 3 * * *", "--", "--model", "m"},
      {"--name", "a", "--cron", "at night", "--", "--model", "m"},
      {"--name", "a", "--cron", "0 3 * * *", "--zone", "Mars", "--", "--model", "m"},
      {"--name", "a", "--cron", "0 3 * * *", "--", "--model", "m", "--out", "x"},
      {"--name", "a", "--cron", "0 3 * * *", "--", "--model", "m", "--output_path=x"},
    };
    String[] words = {
      "--name a/../b", "--cron \"at night\"", "--zone Mars", "--out", "--output_path"
    };
    for (int i = 0; i < wrong.length; i++) {
      var args =
          new ArrayList<>(
              List.of("board", "schedule", "add", "--baseline", base, "--db", database));
      args.addAll(List.of(wrong[i]));
      assertThat(run(args.toArray(String[]::new))).as(words[i]).isEqualTo(2);
      assertThat(err()).contains(words[i]);
      assertThat(Path.of(database)).doesNotExist();
    }
    assertThat(
            run(
                "board",
                "schedule",
                "add",
                "--name",
                "a",
                "--cron",
                "0 3 * * *",
                "--baseline",
                "nobody",
                "--db",
                database,
                "--",
                "--model",
                "m"))
        .isEqualTo(2);
    assertThat(err()).contains("--baseline nobody: expected a result folder or the name");
  }

  @Test
  void serveListensAndEndsWhenInterrupted() throws Exception {
    run("board", "add", base, "--db", database);
    out.reset();
    var exit = new AtomicInteger(-1);
    var serving =
        new Thread(
            () ->
                exit.set(
                    Commands.run(
                        new LeaderboardMain(), "board", "serve", "--port", "0", "--db", database)));
    serving.start();
    while (!out().endsWith(System.lineSeparator()) && serving.isAlive()) {
      Thread.onSpinWait();
    }
    String address = out().strip();
    assertThat(address).matches("http://127\\.0\\.0\\.1:\\d+/");
    var client = HttpClient.newHttpClient();
    var answer =
        client.send(
            HttpRequest.newBuilder(URI.create(address)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.body()).contains("Leaderboard");
    int port = URI.create(address).getPort();
    assertThat(run("board", "serve", "--port", Integer.toString(port), "--db", database))
        .isEqualTo(6);
    assertThat(err()).contains("port " + port, "choose another --port").doesNotContain("defect");
    assertThat(run("board", "serve", "--port", "65536", "--db", database)).isEqualTo(2);
    assertThat(err()).contains("--port 65536: expected a port from 0 to 65535");
    serving.interrupt();
    serving.join();
    assertThat(exit).hasValue(130);
  }
}
