package dev.whetstone.leaderboard.page;

import static java.util.stream.Collectors.toMap;

import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.job.JobReport;
import dev.whetstone.leaderboard.job.JobRun;
import dev.whetstone.leaderboard.job.JobRun.State;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Scheduled evaluations as views: text that is ready to show, not yet escaped. */
public final class ScheduleViews {
  private static final Set<String> CLEAR = Set.of("improved", "regressed", "unchanged");
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);

  private ScheduleViews() {}

  /** The page. */
  public record Schedule(List<Scheduled> jobs) {}

  /** A job; {@code baselineLink} is empty where the baseline has no page. */
  public record Scheduled(
      String name,
      String when,
      String next,
      String command,
      String baseline,
      String baselineLink,
      List<Run> runs) {}

  /**
   * A run.
   *
   * @param kind style of its state
   * @param link to its result; empty if it has none
   * @param failure why it failed or waits; empty if it does neither
   */
  public record Run(
      String due,
      String state,
      String kind,
      String duration,
      String link,
      String failure,
      List<Judged> verdicts) {}

  /** A verdict; {@code kind} is its style. */
  public record Judged(String task, String label, String kind, String sentence) {}

  static Schedule of(List<JobReport> reports, List<Entry> entries) {
    Map<String, Entry> byKey = entries.stream().collect(toMap(Entry::key, entry -> entry));
    return new Schedule(reports.stream().map(report -> job(report, byKey)).toList());
  }

  private static Scheduled job(JobReport report, Map<String, Entry> byKey) {
    Job job = report.job();
    Entry baseline = byKey.get(job.baseline());
    return new Scheduled(
        job.name(),
        "%s (%s)".formatted(job.cron(), job.zone()),
        time(job, job.nextDue()),
        command(job),
        baseline == null ? job.baseline() : named(baseline),
        baseline == null ? "" : Addresses.result(baseline),
        report.runs().stream().map(run -> run(job, run, byKey)).toList());
  }

  /** With its shots, which tell a model's results apart. */
  private static String named(Entry entry) {
    List<String> shots =
        entry.tasks().stream().map(task -> task.shots() + "-shot").distinct().toList();
    return "%s (%s)".formatted(entry.name(), String.join(", ", shots));
  }

  private static String command(Job job) {
    return "whetstone eval "
        + String.join(
            " ",
            job.arguments().stream().map(PublicSettings::place).map(BoardViews::shell).toList());
  }

  private static Run run(Job job, JobRun run, Map<String, Entry> byKey) {
    Entry result = run.entry().map(byKey::get).orElse(null);
    String exit =
        run.exitCode().isPresent() && run.exitCode().getAsInt() != 0
            ? "exit code " + run.exitCode().getAsInt() + ": "
            : "";
    return new Run(
        time(job, run.due()),
        state(run),
        run.state() == State.FAILED ? "regressed" : "unclear",
        run.duration().map(took -> Numbers.duration(took.toMillis() / 1e3)).orElse(Numbers.NONE),
        result == null ? "" : Addresses.result(result),
        run.sentence().isEmpty() ? "" : exit + PublicSettings.place(run.sentence()),
        run.verdicts().stream()
            .map(
                verdict ->
                    new Judged(
                        verdict.task(),
                        verdict.label(),
                        CLEAR.contains(verdict.label()) ? verdict.label() : "unclear",
                        verdict.sentence()))
            .toList());
  }

  private static String state(JobRun run) {
    return switch (run.state()) {
      case RUNNING -> run.child().isPresent() ? "under way" : "waiting";
      case DONE -> "done";
      case FAILED -> "failed";
    };
  }

  private static String time(Job job, Instant instant) {
    return MINUTE.format(instant.truncatedTo(ChronoUnit.MINUTES).atZone(job.zone()));
  }
}
