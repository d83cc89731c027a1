package dev.whetstone.leaderboard.schedule;

import dev.whetstone.leaderboard.store.BoardStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A schedule in a process of its own, so that a test can kill it: {@code DATABASE LAUNCHER}. */
final class ServerProcess {
  static final Schedule.Pace FAST =
      new Schedule.Pace(Duration.ofMillis(100), Duration.ofMillis(300), Duration.ofMillis(200));

  private ServerProcess() {}

  public static void main(String[] args) throws InterruptedException {
    Path database = Path.of(args[0]);
    BoardStore board = BoardStore.open(database, Clock.systemUTC());
    var schedule =
        new Schedule(
            board,
            database.resolveSibling("jobs"),
            Path.of(args[1]),
            List.of("SECRET"),
            Clock.systemUTC(),
            FAST);
    Runtime.getRuntime().addShutdownHook(new Thread(schedule::close));
    schedule.start();
    new CountDownLatch(1).await(); // until killed
  }
}
