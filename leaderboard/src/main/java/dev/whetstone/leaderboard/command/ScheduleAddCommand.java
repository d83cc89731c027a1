package dev.whetstone.leaderboard.command;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.schedule.Cron;
import dev.whetstone.leaderboard.store.BoardStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code board schedule add}: a job. Prints the database. */
@Command(
    name = "add",
    description =
        "Adds a job: the arguments after \"--\" are those of \"whetstone eval\", without --out."
            + " Paths in them stay relative to this directory.",
    footer = {
      "",
      "Example:",
      "  whetstone board schedule add --name nightly --cron \"0 3 * * *\" \\",
      "      --baseline out/results/base -- --model models/smol \\",
      "      --adapter out/run/adapter --tasks orders --include-path tasks"
    },
    mixinStandardHelpOptions = true)
final class ScheduleAddCommand implements Callable<Integer> {
  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "What the job and its folder are called: letters, digits, - and _.")
  private String name;

  @Option(
      names = "--cron",
      required = true,
      paramLabel = "CRON",
      description =
          "Minute, hour, day of month, month, day of week: \"0 3 * * *\" is every night at 3.")
  private String cron;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description =
          "Time zone of the cron's hours, such as Europe/Berlin (default: this machine's).")
  private String zone = ZoneId.systemDefault().getId();

  @Option(
      names = "--baseline",
      required = true,
      paramLabel = "RESULT",
      description =
          "What every result is compared with: a result folder (it goes onto the board), or the"
              + " name of a result on the board (its newest one).")
  private String baseline;

  @Parameters(arity = "1..*", paramLabel = "EVAL-ARGUMENT", description = "Of \"whetstone eval\".")
  private List<String> arguments;

  @Mixin private BoardOption board;

  @Override
  public Integer call() {
    ZoneId where = zone();
    Instant now = Instant.now();
    Instant due = Cron.of(cron, where).next(now);
    List<String> evaluation =
        arguments.get(0).equals("eval") ? arguments.subList(1, arguments.size()) : arguments;
    // Checked as a whole before the board is touched.
    var draft = new Job(name, cron, where, Path.of("").toAbsolutePath(), evaluation, "", due);
    BoardStore store = board.open();
    Entry against = baseline(store);
    var job = new Job(name, cron, where, draft.directory(), evaluation, against.key(), due);
    if (!store.schedule().add(job)) {
      throw new BadInputException(
          "--name %s: there is a job of that name; remove it first: whetstone board schedule remove %s"
              .formatted(name, name));
    }
    System.err.printf(
        "%s: due %s, compared with \"%s\"; \"whetstone board serve\" does it%n",
        name, due.atZone(where).toOffsetDateTime(), against.name());
    System.out.println(board.file());
    return 0;
  }

  private ZoneId zone() {
    try {
      return ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new BadInputException(
          "--zone %s: expected a time zone such as Europe/Berlin or UTC.".formatted(zone), e);
    }
  }

  private Entry baseline(BoardStore store) {
    if (Files.isDirectory(Path.of(baseline))) {
      Entry entry = ResultReader.read(Path.of(baseline), "");
      store.add(entry);
      return entry;
    }
    return store.entries().stream()
        .filter(entry -> entry.name().equals(baseline))
        .reduce((older, newer) -> newer)
        .orElseThrow(
            () ->
                new BadInputException(
                    "--baseline %s: expected a result folder or the name of a result on the board, found neither; whetstone board list shows the names."
                        .formatted(baseline)));
  }
}
