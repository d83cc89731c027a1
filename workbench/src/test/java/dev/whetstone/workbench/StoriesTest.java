package dev.whetstone.workbench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.command.Commands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code run} and {@code quickstart} as typed, with a launcher that makes empty artifacts. */
class StoriesTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path folder;

  private record Ran(int exitCode, String out, String err) {}

  private Path recipe;

  @BeforeEach
  void writeRecipe() throws IOException {
    Files.writeString(folder.resolve("rows.jsonl"), "{}\n");
    Files.createDirectories(folder.resolve("tasks"));
    recipe =
        Files.writeString(
            folder.resolve("story.yaml"),
            """
            name: story
            model: pypi:a==1
            prepare:
              sources: [{path: "%1$s/*.jsonl"}]
            train:
              steps: 1
            eval:
              tasks: [a, b]
              include_path: %1$s/tasks
            """
                .formatted(folder));
    System.setProperty("whetstone.home", HOME.toString());
  }

  @AfterEach
  void clearProperties() {
    System.clearProperty("whetstone.home");
    System.clearProperty("whetstone.launcher");
  }

  @Test
  void aRecipesSectionsRunInOrderAndReadOneAnothersFolders() {
    var launcher = launcher("");
    Path out = folder.resolve("out");
    Ran ran = whetstone("run", recipe.toString(), "--out", out.toString(), "--set", "train.seed=1");
    assertThat(ran.out()).as(ran.err()).isEqualTo(out + "\n");
    assertThat(ran.exitCode()).isZero();
    List<String> calls = launcher.calls();
    assertThat(calls.stream().map(c -> c.substring(0, c.indexOf(' '))))
        .containsExactly("fetch", "items", "prepare", "train", "eval", "eval");
    assertThat(calls.get(1)).contains("--tasks a,b", "--include-path " + folder.resolve("tasks"));
    assertThat(calls.get(2))
        .contains("prepare.decontaminate=[\"" + out.resolve("items") + "\"]")
        .contains("prepare.model=\"" + folder.resolve("l/model") + "\"")
        .contains("--set train.seed=1");
    assertThat(calls.get(3)).contains("--dataset " + out.resolve("dataset"));
    assertThat(calls.get(4)).doesNotContain("--adapter");
    assertThat(calls.get(5)).contains("--adapter " + out.resolve("run/adapter"));
  }

  @Test
  void aFailingStepGivesItsExitCodeAndPrintsNoFolder() {
    launcher("if [ \"$1\" = train ]; then exit 6; fi");
    Ran ran = whetstone("run", recipe.toString(), "--out", folder.resolve("out").toString());
    assertThat(ran.exitCode()).isEqualTo(6);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("whetstone: step train ended with exit code 6");
  }

  @Test
  void aRecipeWithoutSectionsIsRefused() throws IOException {
    launcher("");
    Path empty = Files.writeString(folder.resolve("empty.yaml"), "name: empty\n");
    Ran ran = whetstone("run", empty.toString(), "--out", folder.resolve("out").toString());
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("expected a section prepare, train or eval");
  }

  @Test
  void withoutTheLauncherOneSentenceSaysWhatToDo() {
    Ran ran = whetstone("quickstart", "--out", folder.resolve("out").toString());
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("./whetstone quickstart").doesNotContain("Exception");
  }

  @Test
  void theQuickstartTellsTheWholeStoryAndASecondRunReusesIt() {
    var launcher = launcher("");
    Path out = folder.resolve("out");
    Ran first = whetstone("quickstart", "--out", out.toString());
    assertThat(first.out()).as(first.err()).isEqualTo(out.resolve("site") + "\n");
    assertThat(launcher.calls().stream().map(c -> c.replaceFirst(" (?!add|export).*", "")))
        .containsExactly(
            "fetch",
            "items",
            "prepare",
            "train",
            "eval",
            "eval",
            "eval",
            "board add",
            "board export");
    assertThat(launcher.calls().get(5)).contains("--tasks orders --num-fewshot 3");
    assertThat(first.err()).contains("10/10 board export: done in", "budget");
    assertThat(out.resolve("world/tasks/orders-test.jsonl")).exists();
    assertThat(out.resolve("world/tasks/general.jsonl")).exists();

    launcher.forget();
    Ran second = whetstone("quickstart", "--out", out.toString());
    assertThat(second.out()).isEqualTo(first.out());
    assertThat(launcher.calls()).isEmpty();
    assertThat(second.err()).contains("train: unchanged, reused");
  }

  private FakeLauncher launcher(String before) {
    var launcher = new FakeLauncher(folder.resolve("l"), before);
    System.setProperty("whetstone.launcher", launcher.script().toString());
    return launcher;
  }

  private static Ran whetstone(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    var outBytes = new ByteArrayOutputStream();
    var errBytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    try {
      int code = Commands.run(new WorkbenchMain(), arguments);
      return new Ran(
          code,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
