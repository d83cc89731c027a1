package dev.whetstone.leaderboard.schedule;

import static java.util.Objects.requireNonNull;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.store.BoardStore;
import dev.whetstone.leaderboard.store.ScheduleStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the jobs of a board up when they are due, one at a time: two evaluations at once would only
 * slow each other down. The scheduler's table says who is at work; of a server that was killed, its
 * heartbeats are missed and the next one goes on.
 */
public final class Schedule implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Schedule.class);
  private static final String TASK = "evaluation";
  private static final int MISSED_HEARTBEATS = 4;

  /**
   * @param poll between two looks for due jobs, and for added ones
   * @param heartbeat of a server at work; four missed ones mean that it is gone
   * @param again until a run that was interrupted goes on
   */
  record Pace(Duration poll, Duration heartbeat, Duration again) {
    static final Pace DEFAULT =
        new Pace(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMinutes(1));

    Pace {
      requireNonNull(poll, "poll is null");
      requireNonNull(heartbeat, "heartbeat is null");
      requireNonNull(again, "again is null");
    }
  }

  /** Jobs are rows of the board, so an execution carries nothing; what is found is not decoded. */
  private static final class NoData implements Serializer {
    @Override
    public byte[] serialize(Object data) {
      if (data != null) {
        throw new IllegalArgumentException("expected no data, found " + data.getClass());
      }
      return null;
    }

    @Override
    public <T> T deserialize(Class<T> type, byte[] bytes) {
      return null;
    }
  }

  private final ScheduleStore jobs;
  private final ScheduledEvaluation evaluation;
  private final Pace pace;
  private final Clock clock;
  private final Scheduler scheduler;
  private final ScheduledExecutorService planner =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            var thread = new Thread(work, "schedule-planner");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * A schedule that does not run yet.
   *
   * @param jobsFolder where results of jobs go
   * @param launcher the {@code whetstone} script
   * @param secrets names of environment variables that are kept from evaluations
   */
  public Schedule(
      BoardStore board, Path jobsFolder, Path launcher, List<String> secrets, Clock clock) {
    this(board, jobsFolder, launcher, secrets, clock, Pace.DEFAULT);
  }

  Schedule(
      BoardStore board,
      Path jobsFolder,
      Path launcher,
      List<String> secrets,
      Clock clock,
      Pace pace) {
    this.jobs = board.schedule();
    this.evaluation = new ScheduledEvaluation(board, jobsFolder, launcher, secrets, clock);
    this.pace = pace;
    this.clock = clock;
    CustomTask<Void> task =
        Tasks.custom(TASK, Void.class)
            .onFailure(new FailureHandler.OnFailureRetryLater<>(pace.again()))
            .execute((instance, context) -> evaluate(instance.getId()));
    this.scheduler =
        Scheduler.create(board.dataSource(), task)
            .serializer(new NoData())
            .schedulerName(new SchedulerName.Fixed("board-" + UUID.randomUUID()))
            .threads(1)
            .pollingInterval(pace.poll())
            .heartbeatInterval(pace.heartbeat())
            .missedHeartbeatsLimit(MISSED_HEARTBEATS)
            .shutdownMaxWait(EvaluationProcess.ORDERLY_END.plusSeconds(5))
            .alwaysPersistTimestampInUTC()
            .build();
  }

  public void start() {
    scheduler.start();
    var unused =
        planner.scheduleWithFixedDelay(
            this::plan, 0, pace.poll().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Gives every job an execution: one that was added by another process has none yet. */
  private void plan() {
    try {
      for (Job job : jobs.jobs()) {
        scheduler.scheduleIfNotExists(new TaskInstance<Void>(TASK, job.name()), job.nextDue());
      }
    } catch (RuntimeException e) {
      LOG.error("jobs could not be planned", e); // thrown on, it would end the planning for good
    }
  }

  private CompletionHandler<Void> evaluate(String name) {
    Optional<Job> job = jobs.find(name);
    if (job.isEmpty()) {
      return new CompletionHandler.OnCompleteRemove<>();
    }
    ScheduledEvaluation.Next next = evaluation.run(job.get());
    return (complete, operations) -> {
      Optional<Job> now = jobs.find(name);
      if (now.isEmpty()) {
        operations.remove();
      } else {
        operations.reschedule(complete, at(next, now.get()));
      }
    };
  }

  private Instant at(ScheduledEvaluation.Next next, Job job) {
    return switch (next) {
      case WHEN_DUE -> job.nextDue();
      case AGAIN -> clock.instant().plus(pace.again());
      case AT_ONCE -> clock.instant();
    };
  }

  /** Stops the evaluation under way in order; the next server goes on with it. */
  @Override
  public void close() {
    planner.shutdownNow();
    evaluation.stop();
    scheduler.stop();
  }
}
