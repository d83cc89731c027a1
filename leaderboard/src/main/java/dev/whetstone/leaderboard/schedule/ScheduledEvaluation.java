package dev.whetstone.leaderboard.schedule;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.job.JobRun;
import dev.whetstone.leaderboard.job.JobRun.TaskVerdict;
import dev.whetstone.leaderboard.page.VerdictText;
import dev.whetstone.leaderboard.store.BoardStore;
import dev.whetstone.leaderboard.store.ScheduleStore;
import dev.whetstone.leaderboard.verdict.Judge;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.verdict.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One run of a job: begin or go on, end what a killed server left, evaluate as a process, add the
 * result, judge it against the baseline. Every step bears repetition, and the last one happens
 * once.
 */
final class ScheduledEvaluation {
  /** A run that is set back once more than this has failed. */
  static final int MAX_SETBACKS = 4;

  /** Above it an exit code tells of a signal, {@link Commands#INTERRUPTED} among them. */
  private static final int KILLED = 128;

  private static final DateTimeFormatter FOLDER =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss'Z'").withZone(ZoneOffset.UTC);

  private final BoardStore board;
  private final ScheduleStore schedule;
  private final Path jobsFolder;
  private final Path launcher;
  private final List<String> secrets;
  private final Clock clock;
  private volatile boolean stopping;
  private EvaluationProcess process; // guarded by this; null while none runs

  /**
   * @param jobsFolder where each job has a folder with one result folder a run
   * @param secrets names of environment variables that are kept from evaluations
   */
  ScheduledEvaluation(
      BoardStore board, Path jobsFolder, Path launcher, List<String> secrets, Clock clock) {
    this.board = board;
    this.schedule = board.schedule();
    this.jobsFolder = jobsFolder.toAbsolutePath();
    this.launcher = launcher;
    this.secrets = List.copyOf(secrets);
    this.clock = clock;
  }

  /** What to do with the job after this call. */
  enum Next {
    /** It is done until it is due again. */
    WHEN_DUE,
    /** Its run goes on later. */
    AGAIN,
    /** Its run goes on as soon as a server is there. */
    AT_ONCE
  }

  /** Does what {@code job} has to do now, which may be nothing. */
  Next run(Job job) {
    Optional<JobRun> begun = schedule.begin(job.name(), clock.instant());
    if (begun.isEmpty()) {
      return Next.WHEN_DUE;
    }
    JobRun run = begun.get();
    run.child()
        .filter(EvaluationProcess::endOrphan)
        .ifPresent(child -> say(run, "ended process " + child.pid() + " of a server that is gone"));
    Path folder = jobsFolder.resolve(job.name()).resolve(FOLDER.format(run.due()));
    try {
      Next next = Manifest.exists(folder) ? Next.WHEN_DUE : evaluate(job, run, folder);
      if (next == Next.WHEN_DUE && Manifest.exists(folder)) {
        finish(job, run, folder);
      }
      return next;
    } catch (SurroundingsException e) {
      return again(job, run, OptionalInt.of(Commands.SURROUNDINGS), e.getMessage());
    } catch (BadInputException e) {
      fail(job, run, OptionalInt.empty(), e.getMessage());
      return Next.WHEN_DUE;
    }
  }

  private Next evaluate(Job job, JobRun run, Path folder) {
    boolean goesOn = Files.isDirectory(folder);
    EvaluationProcess started = start(job, folder);
    if (started == null) {
      return Next.AT_ONCE;
    }
    try {
      schedule.started(run, started.child());
      say(run, goesOn ? "goes on" : "started");
      int exitCode = started.exitCode();
      if (stopping) {
        schedule.paused(run);
        return Next.AT_ONCE;
      }
      if (exitCode == 0 && Manifest.exists(folder)) {
        return Next.WHEN_DUE;
      }
      String sentence =
          exitCode == 0
              ? "the evaluation ended well, but left no finished result in " + folder
              : started.lastSentence();
      if (exitCode == Commands.SURROUNDINGS || exitCode > KILLED) {
        return again(job, run, OptionalInt.of(exitCode), sentence);
      }
      fail(job, run, OptionalInt.of(exitCode), sentence);
      return Next.WHEN_DUE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Next.AT_ONCE;
    } finally {
      started.end();
      synchronized (this) {
        process = null;
      }
    }
  }

  /** Null once the server is stopping. */
  private synchronized EvaluationProcess start(Job job, Path folder) {
    if (stopping) {
      return null;
    }
    process =
        EvaluationProcess.start(
            launcher,
            job.directory(),
            job.arguments(),
            folder,
            folder.resolveSibling(folder.getFileName() + ".log"),
            secrets);
    return process;
  }

  private Next again(Job job, JobRun run, OptionalInt exitCode, String sentence) {
    if (run.setbacks() >= MAX_SETBACKS) {
      fail(job, run, exitCode, sentence + " (after " + run.setbacks() + " further attempts)");
      return Next.WHEN_DUE;
    }
    say(run, "will be tried again: " + sentence);
    schedule.setBack(run, exitCode, sentence);
    return Next.AGAIN;
  }

  private void fail(Job job, JobRun run, OptionalInt exitCode, String sentence) {
    say(run, "failed: " + sentence);
    Instant now = clock.instant();
    schedule.failed(run, exitCode, sentence, now, nextDue(job, now));
  }

  private void finish(Job job, JobRun run, Path folder) {
    Entry entry = ResultReader.read(folder, "");
    Entry baseline =
        board
            .find(job.baseline())
            .orElseThrow(() -> new BadInputException("the baseline is no longer on the board."));
    board.add(entry);
    List<TaskVerdict> verdicts =
        new Judge(Policy.BOARD)
            .byTask(baseline, entry, entry.tasks()).entrySet().stream()
                .map(of -> taskVerdict(of.getKey(), of.getValue()))
                .toList();
    Instant now = clock.instant();
    if (schedule.done(run, entry.key(), verdicts, now, nextDue(job, now))) {
      say(run, "done");
      verdicts.forEach(
          verdict ->
              say(
                  run,
                  "%s: %s, %s".formatted(verdict.task(), verdict.label(), verdict.sentence())));
    }
  }

  private static TaskVerdict taskVerdict(String task, Verdict verdict) {
    String sentence =
        verdict instanceof Verdict.NotComparable none
            ? none.reason() // the label says the rest
            : VerdictText.sentence(verdict, Policy.BOARD);
    return new TaskVerdict(task, verdict.label(), sentence + ".");
  }

  private static Instant nextDue(Job job, Instant now) {
    return Cron.of(job.cron(), job.zone()).next(now);
  }

  private static void say(JobRun run, String what) {
    System.err.printf("board schedule: %s (due %s): %s%n", run.job(), run.due(), what);
  }

  /** Ends the evaluation under way in order; it goes on when a server is there again. */
  void stop() {
    EvaluationProcess running;
    synchronized (this) {
      stopping = true;
      running = process;
    }
    if (running != null) {
      running.end();
    }
  }
}
