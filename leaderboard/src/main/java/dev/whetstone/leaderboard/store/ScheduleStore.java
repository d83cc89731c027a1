package dev.whetstone.leaderboard.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.job.JobReport;
import dev.whetstone.leaderboard.job.JobRun;
import dev.whetstone.leaderboard.job.JobRun.Child;
import dev.whetstone.leaderboard.job.JobRun.State;
import dev.whetstone.leaderboard.job.JobRun.TaskVerdict;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/**
 * The jobs of a board and their runs. When something is due is decided here, not by whoever wakes a
 * job up: being woken twice, or by a later process, changes nothing.
 */
public final class ScheduleStore {
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

  private final Database database;

  ScheduleStore(Database database) {
    this.database = database;
  }

  /** Adds a job; false if there is one of its name. */
  public boolean add(Job job) {
    return database.write(
        handle ->
            handle
                    .createUpdate(
                        """
                        INSERT INTO job (name, cron, zone, directory, arguments, baseline, next_due)
                        VALUES (:name, :cron, :zone, :directory, :arguments, :baseline, :due)
                        ON CONFLICT (name) DO NOTHING
                        """)
                    .bind("name", job.name())
                    .bind("cron", job.cron())
                    .bind("zone", job.zone().getId())
                    .bind("directory", job.directory().toString())
                    .bind("arguments", Json.line(job.arguments()))
                    .bind("baseline", job.baseline())
                    .bind("due", job.nextDue().toEpochMilli())
                    .execute()
                == 1);
  }

  /** Removes a job with what is known of its runs; their results stay on the board. */
  public boolean remove(String name) {
    return database.write(
        handle ->
            handle.createUpdate("DELETE FROM job WHERE name = :name").bind("name", name).execute()
                == 1);
  }

  /** All jobs by name. */
  public List<Job> jobs() {
    return database.read(ScheduleStore::jobs);
  }

  /**
   * All jobs by name, with their latest runs.
   *
   * @param limit of runs of each job
   */
  public List<JobReport> reports(int limit) {
    return database.read(
        handle ->
            jobs(handle).stream()
                .map(job -> new JobReport(job, runs(handle, job.name(), limit)))
                .toList());
  }

  public Optional<Job> find(String name) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM job WHERE name = :name")
                .bind("name", name)
                .map((row, context) -> job(row))
                .findOne());
  }

  /**
   * The run that {@code job} has to do now: one that was begun and not finished, else the one that
   * is due.
   *
   * @return empty if nothing is due at {@code now}, or the job is gone
   */
  public Optional<JobRun> begin(String job, Instant now) {
    return database.write(
        handle -> {
          if (unfinished(handle, job).isEmpty()) {
            handle
                .createUpdate(
                    """
                    INSERT INTO job_run (job, due, started, setbacks, state, sentence)
                    SELECT name, next_due, :now, 0, 'running', '' FROM job
                    WHERE name = :job AND next_due <= :now
                    ON CONFLICT (job, due) DO NOTHING
                    """)
                .bind("job", job)
                .bind("now", now.toEpochMilli())
                .execute();
          }
          return unfinished(handle, job);
        });
  }

  /** Notes the process of the attempt under way. */
  public void started(JobRun run, Child child) {
    update(
        run,
        "pid = :pid, pid_started = :started, exit_code = NULL, sentence = ''",
        statement ->
            statement.bind("pid", child.pid()).bind("started", child.started().toEpochMilli()));
  }

  /** Notes that the attempt ended without a result, and why, and that another will follow. */
  public void setBack(JobRun run, OptionalInt exitCode, String sentence) {
    update(
        run,
        "pid = NULL, pid_started = NULL, setbacks = setbacks + 1, exit_code = :exitCode, sentence ="
            + " :sentence",
        statement -> statement.bind("exitCode", boxed(exitCode)).bind("sentence", sentence));
  }

  /** Notes that the attempt ended with its server. */
  public void paused(JobRun run) {
    update(
        run,
        "pid = NULL, pid_started = NULL, sentence = 'waits for the server'",
        statement -> statement);
  }

  /**
   * Ends a run with its result, once: of two callers the later changes nothing.
   *
   * @param entry key of the result, which is on the board
   * @param nextDue of the job
   * @return whether this call ended it
   */
  public boolean done(
      JobRun run, String entry, List<TaskVerdict> verdicts, Instant now, Instant nextDue) {
    return database.write(
        handle -> {
          if (!end(handle, run, State.DONE, OptionalInt.of(0), "", Optional.of(entry), now)) {
            return false;
          }
          for (int i = 0; i < verdicts.size(); i++) {
            handle
                .createUpdate(
                    """
                    INSERT INTO job_verdict (job, due, task, position, label, sentence)
                    VALUES (:job, :due, :task, :position, :label, :sentence)
                    """)
                .bind("job", run.job())
                .bind("due", run.due().toEpochMilli())
                .bind("task", verdicts.get(i).task())
                .bind("position", i)
                .bind("label", verdicts.get(i).label())
                .bind("sentence", verdicts.get(i).sentence())
                .execute();
          }
          plan(handle, run.job(), nextDue);
          return true;
        });
  }

  /** Ends a run without a result; whether this call ended it. */
  public boolean failed(
      JobRun run, OptionalInt exitCode, String sentence, Instant now, Instant nextDue) {
    return database.write(
        handle -> {
          if (!end(handle, run, State.FAILED, exitCode, sentence, Optional.empty(), now)) {
            return false;
          }
          plan(handle, run.job(), nextDue);
          return true;
        });
  }

  private static boolean end(
      Handle handle,
      JobRun run,
      State state,
      OptionalInt exitCode,
      String sentence,
      Optional<String> entry,
      Instant now) {
    return handle
            .createUpdate(
                """
                UPDATE job_run SET state = :state, finished = :now, exit_code = :exitCode,
                  sentence = :sentence, entry_key = :entry, pid = NULL, pid_started = NULL
                WHERE job = :job AND due = :due AND state = 'running'
                """)
            .bind("state", text(state))
            .bind("now", now.toEpochMilli())
            .bind("exitCode", boxed(exitCode))
            .bind("sentence", sentence)
            .bind("entry", entry.orElse(null))
            .bind("job", run.job())
            .bind("due", run.due().toEpochMilli())
            .execute()
        == 1;
  }

  private static void plan(Handle handle, String job, Instant nextDue) {
    handle
        .createUpdate("UPDATE job SET next_due = :due WHERE name = :job")
        .bind("due", nextDue.toEpochMilli())
        .bind("job", job)
        .execute();
  }

  private void update(JobRun run, String changes, UnaryOperator<Update> bind) {
    int unused =
        database.write(
            handle ->
                bind.apply(
                        handle
                            .createUpdate(
                                "UPDATE job_run SET "
                                    + changes
                                    + " WHERE job = :job AND due = :due AND state = 'running'")
                            .bind("job", run.job())
                            .bind("due", run.due().toEpochMilli()))
                    .execute());
  }

  private static List<Job> jobs(Handle handle) {
    return handle
        .createQuery("SELECT * FROM job ORDER BY name")
        .map((row, context) -> job(row))
        .list();
  }

  private static Optional<JobRun> unfinished(Handle handle, String job) {
    return handle
        .createQuery("SELECT * FROM job_run WHERE job = :job AND state = 'running' ORDER BY due")
        .bind("job", job)
        .map((row, context) -> run(handle, row))
        .findFirst();
  }

  private static List<JobRun> runs(Handle handle, String job, int limit) {
    return handle
        .createQuery("SELECT * FROM job_run WHERE job = :job ORDER BY due DESC LIMIT :limit")
        .bind("job", job)
        .bind("limit", limit)
        .map((row, context) -> run(handle, row))
        .list();
  }

  private static Job job(ResultSet row) throws SQLException {
    return new Job(
        row.getString("name"),
        row.getString("cron"),
        ZoneId.of(row.getString("zone")),
        Path.of(row.getString("directory")),
        BoardStore.json(row.getString("arguments"), TEXTS),
        row.getString("baseline"),
        Instant.ofEpochMilli(row.getLong("next_due")));
  }

  private static JobRun run(Handle handle, ResultSet row) throws SQLException {
    long due = row.getLong("due");
    return new JobRun(
        row.getString("job"),
        Instant.ofEpochMilli(due),
        Instant.ofEpochMilli(row.getLong("started")),
        row.getInt("setbacks"),
        State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        time(row, "finished"),
        number(row, "exit_code"),
        row.getString("sentence"),
        Optional.ofNullable(row.getString("entry_key")),
        verdicts(handle, row.getString("job"), due),
        child(row));
  }

  private static Optional<Child> child(ResultSet row) throws SQLException {
    long pid = row.getLong("pid");
    return row.wasNull()
        ? Optional.empty()
        : time(row, "pid_started").map(started -> new Child(pid, started));
  }

  private static List<TaskVerdict> verdicts(Handle handle, String job, long due) {
    return handle
        .createQuery("SELECT * FROM job_verdict WHERE job = :job AND due = :due ORDER BY position")
        .bind("job", job)
        .bind("due", due)
        .map(
            (row, context) ->
                new TaskVerdict(
                    row.getString("task"), row.getString("label"), row.getString("sentence")))
        .list();
  }

  private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  private static OptionalInt number(ResultSet row, String column) throws SQLException {
    int value = row.getInt(column);
    return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static Integer boxed(OptionalInt value) {
    return value.isPresent() ? (Integer) value.getAsInt() : null;
  }

  private static String text(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
