package dev.whetstone.leaderboard.schedule;

import com.github.kagkarlsson.scheduler.task.schedule.CronSchedule;
import com.github.kagkarlsson.scheduler.task.schedule.CronStyle;
import com.github.kagkarlsson.scheduler.task.schedule.Schedule;
import dev.whetstone.artifacts.BadInputException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/** Five fields, as Unix has them: minute, hour, day of month, month, day of week. */
public final class Cron {
  /** Whatever comes again comes within this: 29 February, at a turn of a century. */
  private static final Duration LONGEST = Duration.ofDays(9 * 366);

  private final Schedule schedule;

  private Cron(Schedule schedule) {
    this.schedule = schedule;
  }

  /**
   * @throws BadInputException if {@code fields} are no cron expression, or name a day that never
   *     comes
   */
  public static Cron of(String fields, ZoneId zone) {
    try {
      if (fields.strip().split("\\s+").length != 5) {
        throw new IllegalArgumentException("it has not five fields");
      }
      var cron = new Cron(new CronSchedule(fields.strip(), zone, CronStyle.UNIX));
      Instant epoch = Instant.EPOCH;
      if (Duration.between(epoch, cron.next(epoch)).compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("that day never comes");
      }
      return cron;
    } catch (IllegalArgumentException | DateTimeException e) { // the second: there is no next time
      throw new BadInputException(
          "--cron \"%s\": expected minute, hour, day of month, month and day of week, such as \"0 3 * * *\" for every night at three (%s)."
              .formatted(fields, String.valueOf(e.getMessage()).replaceAll("\\s+", " ")),
          e);
    }
  }

  /** The first time after {@code instant}. */
  public Instant next(Instant instant) {
    return schedule.getInitialExecutionTime(instant);
  }
}
