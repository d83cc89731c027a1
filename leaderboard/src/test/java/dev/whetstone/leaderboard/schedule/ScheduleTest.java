package dev.whetstone.leaderboard.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.job.JobRun;
import dev.whetstone.leaderboard.job.JobRun.Child;
import dev.whetstone.leaderboard.job.JobRun.State;
import dev.whetstone.leaderboard.job.JobRun.TaskVerdict;
import dev.whetstone.leaderboard.page.PublishBoard;
import dev.whetstone.leaderboard.page.SiteFile;
import dev.whetstone.leaderboard.store.BoardStore;
import dev.whetstone.leaderboard.verdict.Policy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs by a real scheduler, with a shell script as evaluation; servers that are killed are real.
 */
@Timeout(90)
class ScheduleTest {
  @TempDir private Path folder;
  private final List<Process> servers = new ArrayList<>();
  private Path database;
  private BoardStore board;

  @BeforeEach
  void open() {
    database = folder.resolve("board.db");
    board = BoardStore.open(database, Clock.systemUTC());
  }

  @AfterEach
  void endServers() throws InterruptedException {
    for (Process server : servers) {
      server.destroyForcibly().waitFor();
    }
  }

  private Schedule schedule(Path launcher) {
    return new Schedule(
        board,
        folder.resolve("jobs"),
        launcher,
        List.of("PATH_THAT_NOBODY_SETS"),
        Clock.systemUTC(),
        ServerProcess.FAST);
  }

  private List<JobRun> runs() {
    return board.schedule().reports(10).get(0).runs();
  }

  private void awaitEnd() throws InterruptedException {
    await(() -> !runs().isEmpty() && runs().get(0).state() != State.RUNNING);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  @Test
  void dueJobIsEvaluatedAndJudgedAndPlannedAnew() throws Exception {
    Path launcher = TinyLauncher.evaluating(folder, "0");
    Job job = TinyLauncher.job(board, folder, "nightly");
    try (Schedule schedule = schedule(launcher)) {
      schedule.start();
      awaitEnd();
    }
    JobRun run = runs().get(0);
    assertThat(run.state()).as(run.sentence()).isEqualTo(State.DONE);
    assertThat(run.due()).isEqualTo(job.nextDue().truncatedTo(ChronoUnit.MILLIS));
    assertThat(run.verdicts()).extracting(TaskVerdict::task).containsExactly("general", "orders");
    assertThat(run.verdicts().get(1).label()).isEqualTo("improved");
    assertThat(run.verdicts().get(1).sentence())
        .contains("points json exact match over tiny (0-shot)");
    assertThat(board.find(run.entry().orElseThrow())).isPresent();
    assertThat(board.schedule().find("nightly").orElseThrow().nextDue()).isAfter(Instant.now());

    String page = page();
    assertThat(page)
        .contains("nightly", "improved", "points json exact match", "whetstone eval --model m")
        .contains("result/tiny-orders-");
  }

  private String page() {
    SiteFile page =
        new PublishBoard(Policy.BOARD, Clock.systemUTC())
            .site(board.entries(), board.schedule().reports(10))
            .find("schedule.html")
            .orElseThrow();
    return new String(page.content().get(), StandardCharsets.UTF_8);
  }

  @Test
  void failureIsShownWithItsSentenceAndExitCode() throws Exception {
    Path launcher =
        TinyLauncher.script(
            folder,
            """
            echo working >&2
            echo 'whetstone: models/<b>: expected a model here, found none.' >&2
            exit 2
            """);
    TinyLauncher.job(board, folder, "nightly");
    try (Schedule schedule = schedule(launcher)) {
      schedule.start();
      awaitEnd();
    }
    JobRun run = runs().get(0);
    assertThat(run.state()).isEqualTo(State.FAILED);
    assertThat(run.exitCode()).hasValue(2);
    assertThat(run.sentence()).isEqualTo("models/<b>: expected a model here, found none.");
    assertThat(run.verdicts()).isEmpty();
    assertThat(page())
        .contains("exit code 2: models/&lt;b", "failed")
        .doesNotContain("<b>: expected");
  }

  @Test
  void surroundingsThatGetBetterLetTheSameRunGoOn() throws Exception {
    String evaluation =
        Files.readString(TinyLauncher.evaluating(folder, "0")).replaceFirst("#!/bin/sh\n", "");
    Path launcher =
        TinyLauncher.script(
            folder,
            "if [ ! -e '%s' ]; then touch '%s'; echo 'whetstone: disk full' >&2; exit 6; fi\n%s"
                .formatted(folder.resolve("mended"), folder.resolve("mended"), evaluation));
    TinyLauncher.job(board, folder, "nightly");
    try (Schedule schedule = schedule(launcher)) {
      schedule.start();
      awaitEnd();
    }
    assertThat(runs()).hasSize(1);
    assertThat(runs().get(0).state()).isEqualTo(State.DONE);
    assertThat(runs().get(0).setbacks()).isEqualTo(1);
  }

  @Test
  void surroundingsThatStayBadEndTheRun() throws Exception {
    Path launcher = TinyLauncher.script(folder, "echo 'whetstone: disk full' >&2\nexit 6\n");
    TinyLauncher.job(board, folder, "nightly");
    try (Schedule schedule = schedule(launcher)) {
      schedule.start();
      awaitEnd();
    }
    assertThat(runs().get(0).sentence()).isEqualTo("disk full (after 4 further attempts)");
    assertThat(runs().get(0).exitCode()).hasValue(6);
  }

  @Test
  void jobAddedOrRemovedWhileTheServerRunsIsNoticed() throws Exception {
    try (Schedule schedule = schedule(TinyLauncher.evaluating(folder, "0"))) {
      schedule.start();
      TinyLauncher.job(board, folder, "late");
      awaitEnd();
      assertThat(runs().get(0).state()).isEqualTo(State.DONE);
      assertThat(board.schedule().remove("late")).isTrue();
      assertThat(board.schedule().remove("late")).isFalse();
      assertThat(board.schedule().reports(1)).isEmpty();
      assertThat(board.entries()).as("results stay").hasSize(2);
    }
  }

  @Test
  void killedServersLeaveNothingTwiceAndNothingUndone() throws Exception {
    Path launcher = TinyLauncher.evaluating(folder, "0.1");
    Job job = TinyLauncher.job(board, folder, "nightly");
    var random = new Random(7);
    for (int kill = 0; kill < 2; kill++) {
      Set<String> before = processes();
      Process server = server(launcher, "killed-" + kill);
      int wanted = 2 + random.nextInt(4);
      await(
          () ->
              answers().size() == TinyLauncher.ANSWERS
                  || answers().stream().filter(line -> !before.contains(process(line))).count()
                      >= wanted);
      server.destroyForcibly().waitFor(); // SIGKILL: the evaluation lives on, an orphan
    }
    server(launcher, "last");
    awaitEnd();

    List<String> answers = answers();
    assertThat(answers.stream().map(line -> line.split(" ", -1)[1]))
        .as("each answer computed once")
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, TinyLauncher.ANSWERS).mapToObj(Integer::toString).toList());
    assertThat(processes()).as("answered by several processes").hasSizeGreaterThan(1);
    assertThat(runs()).hasSize(1);
    assertThat(runs().get(0).state()).isEqualTo(State.DONE);
    assertThat(runs().get(0).verdicts()).hasSize(2);
    assertThat(board.entries()).hasSize(2);
    assertThat(board.schedule().find(job.name()).orElseThrow().nextDue()).isAfter(Instant.now());
  }

  @Test
  void serverThatIsAskedToEndLetsTheRunGoOnLater() throws Exception {
    Path launcher = TinyLauncher.evaluating(folder, "0.1");
    TinyLauncher.job(board, folder, "nightly");
    Process server = server(launcher, "asked");
    await(() -> answers().size() >= 3);
    server.destroy(); // SIGTERM
    server.waitFor();
    assertThat(runs().get(0).state()).isEqualTo(State.RUNNING);
    assertThat(runs().get(0).child()).isEmpty();
    int before = answers().size();
    Thread.sleep(300);
    assertThat(answers()).as("nothing runs without a server").hasSize(before);
    server(launcher, "next");
    awaitEnd();
    assertThat(answers()).hasSize(TinyLauncher.ANSWERS);
    assertThat(runs().get(0).setbacks()).isZero();
    assertThat(runs().get(0).verdicts()).hasSize(2);
  }

  private static String process(String answer) {
    return answer.substring(answer.lastIndexOf(' ') + 1);
  }

  private Set<String> processes() {
    return answers().stream().map(ScheduleTest::process).collect(Collectors.toSet());
  }

  private List<String> answers() {
    try (var jobs = Files.walk(folder.resolve("jobs"))) {
      Optional<Path> file = jobs.filter(path -> path.endsWith("answers")).findFirst();
      return file.isPresent() ? Files.readAllLines(file.get()) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  private Process server(Path launcher, String log) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ServerProcess.class.getName(),
                database.toString(),
                launcher.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(log + ".log").toFile())
            .start();
    servers.add(process);
    return process;
  }

  @Test
  void verdictIsStoredOnceHoweverOftenTheRunIsEnded() {
    TinyLauncher.job(board, folder, "nightly");
    JobRun run = board.schedule().begin("nightly", Instant.now()).orElseThrow();
    assertThat(board.schedule().begin("nightly", Instant.now()).orElseThrow()).isEqualTo(run);
    var verdicts = List.of(new TaskVerdict("orders", "improved", "+1"));
    String entry = board.entries().get(0).key();
    Instant tomorrow = Instant.now().plusSeconds(86_400);
    assertThat(board.schedule().done(run, entry, verdicts, Instant.now(), tomorrow)).isTrue();
    assertThat(board.schedule().done(run, entry, verdicts, Instant.now(), tomorrow)).isFalse();
    board.schedule().failed(run, OptionalInt.of(2), "late", Instant.now(), Instant.EPOCH);
    assertThat(runs().get(0).verdicts()).isEqualTo(verdicts);
    assertThat(runs().get(0).state()).isEqualTo(State.DONE);
    assertThat(board.schedule().begin("nightly", Instant.now())).as("not due").isEmpty();
  }

  @Test
  void processThatWasGivenAnOldNumberIsLeftAlone() throws Exception {
    Process other = new ProcessBuilder("sleep", "30").start();
    servers.add(other);
    Instant started = other.info().startInstant().orElseThrow();
    assertThat(EvaluationProcess.endOrphan(new Child(other.pid(), started.minusSeconds(60))))
        .isFalse();
    assertThat(other.isAlive()).isTrue();
    assertThat(EvaluationProcess.endOrphan(new Child(other.pid(), started))).isTrue();
    assertThat(other.isAlive()).isFalse();
  }

  @Test
  void cronSpeaksUnix() {
    var at = Instant.parse("2026-03-28T12:00:00Z");
    assertThat(Cron.of("0 3 * * *", ZoneOffset.UTC).next(at)).isEqualTo("2026-03-29T03:00:00Z");
    assertThat(Cron.of("30 4 * * 1", ZoneId.of("Europe/Berlin")).next(at))
        .as("summer time began in between")
        .isEqualTo("2026-03-30T02:30:00Z");
    assertThat(Cron.of("0 0 29 2 *", ZoneOffset.UTC).next(at)).isEqualTo("2028-02-29T00:00:00Z");
    for (String wrong :
        List.of(
            "",
            "-",
            "every night",
            "0 3 * *",
            "60 3 * * *",
            "0 0 31 2 *",
            "* * * * * *",
            "@daily")) {
      assertThatThrownBy(() -> Cron.of(wrong, ZoneOffset.UTC))
          .as(wrong)
          .isInstanceOf(BadInputException.class)
          .hasMessageStartingWith("--cron \"" + wrong + "\": expected minute, hour");
    }
  }

  @Test
  void cronNeverStandsStill() {
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      Cron cron =
          Cron.of(
              "%d %d * * *".formatted(random.nextInt(60), random.nextInt(24)),
              ZoneId.of("America/New_York"));
      Instant at = Instant.ofEpochSecond(random.nextLong(2_000_000_000L));
      Instant next = cron.next(at);
      assertThat(next)
          .as("seed %d", seed)
          .isAfter(at)
          .isBeforeOrEqualTo(at.plus(Duration.ofHours(26)));
      assertThat(cron.next(next)).as("seed %d", seed).isAfter(next);
    }
  }
}
