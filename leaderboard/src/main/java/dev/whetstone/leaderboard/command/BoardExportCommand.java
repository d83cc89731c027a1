package dev.whetstone.leaderboard.command;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.page.PublishBoard;
import dev.whetstone.leaderboard.store.BoardStore;
import dev.whetstone.leaderboard.verdict.Policy;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code board export}: the board as a static site. Prints its folder. */
@Command(
    name = "export",
    description =
        "Writes the board as a static site that opens from a folder or any web host: the table, a"
            + " page per model and result, every answer, JSON and CSV.",
    footer = {"", "Example:", "  whetstone board export --out out/site"},
    mixinStandardHelpOptions = true)
final class BoardExportCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where to; an earlier site there is replaced.")
  private Path out;

  @Option(
      names = "--publish",
      paramLabel = "text|hashes|none",
      description =
          "Show no more than this of documents and answers, whatever tasks and datasets allow.")
  private String publish = Publish.TEXT.key();

  @Mixin private BoardOption board;

  @Override
  public Integer call() {
    Publish limit = limit();
    BoardStore store = board.open();
    List<Entry> entries = store.entries();
    System.err.printf("board export: %d results%n", entries.size());
    new PublishBoard(Policy.BOARD, Clock.systemUTC(), limit)
        .publish(entries, store.schedule().reports(PublishBoard.SHOWN_RUNS), out);
    System.err.println("open " + out.resolve("index.html").toAbsolutePath().normalize().toUri());
    System.out.println(out);
    return 0;
  }

  private Publish limit() {
    try {
      return Publish.of(publish);
    } catch (IllegalArgumentException e) {
      throw new BadInputException("--" + e.getMessage() + ".", e);
    }
  }
}
