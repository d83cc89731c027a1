package dev.whetstone.leaderboard.command;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.leaderboard.page.PublishBoard;
import dev.whetstone.leaderboard.schedule.Schedule;
import dev.whetstone.leaderboard.store.BoardStore;
import dev.whetstone.leaderboard.store.ScheduleStore;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.web.BoardServer;
import dev.whetstone.leaderboard.web.WriteToken;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code board serve}: the board over HTTP until it is interrupted. Prints its address. */
@Command(
    name = "serve",
    description =
        "Serves the pages of \"board export\" from memory; they follow the database as it changes."
            + " Does the jobs of \"board schedule\" when they are due. Ends in order on Ctrl-C and"
            + " SIGTERM (exit code 130).",
    footer = {
      "",
      "With " + WriteToken.VARIABLE + " set (16 characters or more), result folders",
      "can be posted as zip or tar.gz; without it there are no posts.",
      "",
      "Examples:",
      "  whetstone board serve",
      "  export WHETSTONE_BOARD_TOKEN=$(openssl rand -hex 24)",
      "  whetstone board serve --port 8080",
      "  curl -H \"Authorization: Bearer $WHETSTONE_BOARD_TOKEN\" \\",
      "      --data-binary @result.zip http://127.0.0.1:8080/api/results"
    },
    mixinStandardHelpOptions = true)
final class BoardServeCommand implements Callable<Integer> {
  private static final int MAX_PORT = 65_535;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description =
          "Address to listen on (default: ${DEFAULT-VALUE}, this machine only; 0.0.0.0 for all)."
              + " Put a proxy with TLS before it where posts come over a network.")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "7070",
      description = "Port (default: ${DEFAULT-VALUE}; 0 takes a free one).")
  private int port;

  @Mixin private BoardOption board;

  @Override
  public Integer call() {
    if (port < 0 || port > MAX_PORT) {
      throw new BadInputException(
          "--port %d: expected a port from 0 to %d.".formatted(port, MAX_PORT));
    }
    Optional<WriteToken> token = WriteToken.of(System.getenv(WriteToken.VARIABLE));
    BoardStore store = board.open();
    var publisher = new PublishBoard(Policy.BOARD, Clock.systemUTC());
    var stopping = new CountDownLatch(1);
    var stopped = new CountDownLatch(1);
    ScheduleStore jobs = store.schedule();
    try (var server =
            new BoardServer(
                store,
                () -> publisher.site(store.entries(), jobs.reports(PublishBoard.SHOWN_RUNS)),
                token);
        var schedule =
            new Schedule(
                store,
                board.jobsFolder(),
                launcher(),
                List.of(WriteToken.VARIABLE),
                Clock.systemUTC())) {
      int bound = server.start(host, port);
      schedule.start();
      var hook = new Thread(() -> stop(stopping, stopped), "board-serve-stop");
      Runtime.getRuntime().addShutdownHook(hook);
      System.err.printf(
          "board serve: %s, %s; Ctrl-C ends it%n",
          board.file(), token.isPresent() ? "posts with the token" : "no posts");
      System.out.printf("http://%s:%d/%n", host.contains(":") ? "[" + host + "]" : host, bound);
      System.out.flush();
      stopping.await();
      System.err.println("board serve: stopping");
    } catch (InterruptedException e) {
      System.err.println("board serve: stopping");
    } finally {
      stopped.countDown();
    }
    return Commands.INTERRUPTED;
  }

  private static Path launcher() {
    return Path.of(System.getProperty("whetstone.launcher", "whetstone"));
  }

  /** Runs while the JVM ends: it may only be gone once the server is. */
  private static void stop(CountDownLatch stopping, CountDownLatch stopped) {
    stopping.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
