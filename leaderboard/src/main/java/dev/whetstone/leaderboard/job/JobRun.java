package dev.whetstone.leaderboard.job;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One run of a job.
 *
 * @param due identifies it within its job
 * @param started when its first attempt began
 * @param setbacks attempts that ended without a result; that of a server that ended is none
 * @param finished empty while it is under way or waits for its next attempt
 * @param exitCode of the evaluation's last attempt; empty before its end, and where it was not
 *     needed
 * @param sentence why it failed, or what the next attempt waits for; else empty
 * @param entry key of its result on the board
 * @param verdicts against the job's baseline, one a task
 * @param child the process of the attempt under way, if one was started
 */
public record JobRun(
    String job,
    Instant due,
    Instant started,
    int setbacks,
    State state,
    Optional<Instant> finished,
    OptionalInt exitCode,
    String sentence,
    Optional<String> entry,
    List<TaskVerdict> verdicts,
    Optional<Child> child) {
  /** A run leaves {@link #RUNNING} once, in the transaction that stores its verdicts. */
  public enum State {
    RUNNING,
    DONE,
    FAILED
  }

  /** A verdict as it was given. */
  public record TaskVerdict(String task, String label, String sentence) {
    public TaskVerdict {
      requireNonNull(task, "task is null");
      requireNonNull(label, "label is null");
      requireNonNull(sentence, "sentence is null");
    }
  }

  /** A process; its start tells it from a later one that was given the same number. */
  public record Child(long pid, Instant started) {
    public Child {
      requireNonNull(started, "started is null");
    }
  }

  public JobRun {
    requireNonNull(job, "job is null");
    requireNonNull(due, "due is null");
    requireNonNull(started, "started is null");
    requireNonNull(state, "state is null");
    requireNonNull(finished, "finished is null");
    requireNonNull(exitCode, "exitCode is null");
    requireNonNull(sentence, "sentence is null");
    requireNonNull(entry, "entry is null");
    verdicts = List.copyOf(verdicts);
    requireNonNull(child, "child is null");
    if (finished.isPresent() == (state == State.RUNNING)) {
      throw new IllegalArgumentException("a run is finished or running: " + job + ", " + due);
    }
  }

  /** From the first attempt to the end, pauses included. */
  public Optional<Duration> duration() {
    return finished.map(end -> Duration.between(started, end));
  }
}
