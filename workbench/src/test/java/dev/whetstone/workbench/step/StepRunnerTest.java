package dev.whetstone.workbench.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.workbench.FakeLauncher;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepRunnerTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private Path input;

  @BeforeEach
  void writeInput() throws IOException {
    input = Files.writeString(folder.resolve("input"), "one");
  }

  @Test
  void returnsTheOneLineThatTheCommandPrintsAndPassesItsMessagesOn() {
    var launcher = new FakeLauncher(folder.resolve("l"), "");
    assertThat(runner(launcher).run(step())).isEqualTo(folder.resolve("made"));
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("1/2 make", "make is at work", "1/2 make: done in");
  }

  @Test
  void unchangedWorkIsNotStartedAgain() {
    var launcher = new FakeLauncher(folder.resolve("l"), "");
    Path first = runner(launcher).run(step());
    launcher.forget();
    assertThat(runner(launcher).run(step())).isEqualTo(first);
    assertThat(launcher.calls()).isEmpty();
    assertThat(said.toString(StandardCharsets.UTF_8)).contains("1/2 make: unchanged, reused");
  }

  @Test
  void changedInputsArgumentsOrOutputsAreWorkAgain() throws IOException {
    var launcher = new FakeLauncher(folder.resolve("l"), "");
    runner(launcher).run(step());
    Files.writeString(input, "two");
    runner(launcher).run(step());
    assertThat(launcher.calls()).as("another input").hasSize(2);
    runner(launcher).run(step("--seed", "1"));
    assertThat(launcher.calls()).as("other arguments").hasSize(3);
    Files.delete(folder.resolve("made/manifest.json"));
    runner(launcher).run(step("--seed", "1"));
    assertThat(launcher.calls()).as("an output without its manifest").hasSize(4);
  }

  @Test
  void aDamagedLogCostsTimeAndNoMore() throws IOException {
    var launcher = new FakeLauncher(folder.resolve("l"), "");
    Path made = runner(launcher).run(step());
    Files.writeString(folder.resolve("out/steps.json"), "{\"format\": ");
    assertThat(runner(launcher).run(step())).isEqualTo(made);
    assertThat(launcher.calls()).hasSize(2);
  }

  @Test
  void aFailureKeepsItsExitCodeNamesTheStepAndIsNotRemembered() {
    var broken = new FakeLauncher(folder.resolve("l"), "exit 4");
    assertThatThrownBy(() -> runner(broken).run(step()))
        .isInstanceOf(StepFailedException.class)
        .hasMessageContaining("step make")
        .hasMessageContaining("exit code 4")
        .hasMessageContaining("whetstone make --out")
        .extracting(e -> ((StepFailedException) e).exitCode())
        .isEqualTo(4);
    assertThat(folder.resolve("out/steps.json")).doesNotExist();
  }

  @Test
  void aCommandMustPrintOneLine() {
    var chatty = new FakeLauncher(folder.resolve("l"), "echo one more line");
    assertThatThrownBy(() -> runner(chatty).run(step()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("must print one line")
        .hasMessageContaining("it printed 2");
  }

  @Test
  void aMissingLauncherIsSaidInASentence() {
    var runner =
        new StepRunner(folder.resolve("nowhere"), folder, 1, printer(), Duration.ofSeconds(8));
    assertThatThrownBy(() -> runner.run(step()))
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("cannot be started");
  }

  @Test
  void aSilentStepIsSaidToBeAtWork() {
    var silent = new FakeLauncher(folder.resolve("l"), "sleep 1.5");
    new StepRunner(silent.script(), folder.resolve("out"), 2, printer(), Duration.ofMillis(300))
        .run(step());
    assertThat(said.toString(StandardCharsets.UTF_8)).contains("make: still working, ");
  }

  @Test
  void whatACommandWouldAddToIsDeletedBeforeItRunsAndOnlyThen() throws IOException {
    var launcher = new FakeLauncher(folder.resolve("l"), "");
    Path old = Files.writeString(folder.resolve("old.db"), "old");
    var step =
        new Step(
            "make",
            List.of("make", "--out", folder.resolve("made").toString()),
            List.of(input),
            List.of(old),
            Duration.ZERO);
    runner(launcher).run(step);
    assertThat(old).doesNotExist();
    Files.writeString(old, "new");
    runner(launcher).run(step);
    assertThat(old).exists();
  }

  @Test
  void timingsNameStepsThatTookLongerThanPromised() {
    var launcher = new FakeLauncher(folder.resolve("l"), "sleep 1.2");
    StepRunner runner = runner(launcher);
    runner.run(step().within(Duration.ofSeconds(1)));
    runner.here("think", Duration.ofSeconds(5), () -> 1);
    runner.printTimings();
    assertThat(said.toString(StandardCharsets.UTF_8).lines())
        .anyMatch(l -> l.startsWith("make ") && l.endsWith("over its budget"))
        .anyMatch(l -> l.startsWith("think ") && l.endsWith(" 5"))
        .anyMatch(l -> l.startsWith("all ") && l.contains(" 6"));
  }

  private Step step(String... more) {
    var arguments = new ArrayList<>(List.of("make", "--out", folder.resolve("made").toString()));
    arguments.addAll(List.of(more));
    return Step.of("make", List.of(input), arguments);
  }

  private StepRunner runner(FakeLauncher launcher) {
    return new StepRunner(
        launcher.script(), folder.resolve("out"), 2, printer(), StepRunner.SILENCE);
  }

  private PrintStream printer() {
    return new PrintStream(said, true, StandardCharsets.UTF_8);
  }
}
