package dev.whetstone.leaderboard.command;

import dev.whetstone.artifacts.WhetstoneHome;
import dev.whetstone.leaderboard.store.BoardStore;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.Option;

/** Where the board is. */
final class BoardOption {
  @Option(
      names = "--db",
      paramLabel = "FILE",
      description =
          "The board's database (default: board.db in WHETSTONE_HOME, which is by default"
              + " ~/.cache/whetstone).")
  private Path file;

  Path file() {
    return file == null ? WhetstoneHome.folder().resolve("board.db") : file;
  }

  /** Where results of scheduled evaluations go: beside the database. */
  Path jobsFolder() {
    return file().toAbsolutePath().resolveSibling(file().getFileName() + ".jobs");
  }

  BoardStore open() {
    return BoardStore.open(file(), Clock.systemUTC());
  }
}
