package dev.whetstone.leaderboard.job;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.BadInputException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An evaluation that is done again and again.
 *
 * @param name names the job's folder, so it is a plain word
 * @param cron minute, hour, day of month, month, day of week
 * @param zone in which the cron's hours are meant
 * @param directory in which the arguments' relative paths are meant
 * @param arguments of {@code whetstone eval}, without {@code --out}
 * @param baseline key of the entry that every result is compared with
 * @param nextDue when the next run is due that has not begun yet
 */
public record Job(
    String name,
    String cron,
    ZoneId zone,
    Path directory,
    List<String> arguments,
    String baseline,
    Instant nextDue) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

  /** Whose values the schedule gives. */
  private static final List<String> RESERVED =
      List.of("--out", "--output-path", "--output_path", "--overwrite");

  /**
   * @throws BadInputException if the name or an argument cannot be used
   */
  public Job {
    if (!NAME.matcher(name).matches()) {
      throw new BadInputException(
          "--name %s: expected letters, digits, - and _, at most 64, the first a letter or digit."
              .formatted(name));
    }
    requireNonNull(cron, "cron is null");
    requireNonNull(zone, "zone is null");
    requireNonNull(directory, "directory is null");
    arguments = List.copyOf(arguments);
    for (String argument : arguments) {
      if (RESERVED.contains(argument.replaceAll("=.*", ""))) {
        throw new BadInputException(
            "%s: every run of a job gets a folder of its own; leave the option out."
                .formatted(argument));
      }
    }
    requireNonNull(baseline, "baseline is null");
    requireNonNull(nextDue, "nextDue is null");
  }
}
