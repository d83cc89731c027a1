package dev.whetstone.leaderboard.command;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.store.ScheduleStore;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code board schedule remove}: a job away. Prints the database. */
@Command(
    name = "remove",
    description =
        "Removes a job and what is known of its runs; its results stay on the board and in their"
            + " folders. An evaluation under way ends, and is then not judged.",
    mixinStandardHelpOptions = true)
final class ScheduleRemoveCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME", description = "The job.")
  private String name;

  @Mixin private BoardOption board;

  @Override
  public Integer call() {
    ScheduleStore schedule = board.open().schedule();
    if (!schedule.remove(name)) {
      List<String> names = schedule.jobs().stream().map(Job::name).toList();
      throw new BadInputException(
          "%s: expected a job, found none of that name; there are: %s."
              .formatted(name, names.isEmpty() ? "none" : String.join(", ", names)));
    }
    System.out.println(board.file());
    return 0;
  }
}
