package dev.whetstone.artifacts.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SurroundingsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class CommandsTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private PrintStream before;

  @Command(name = "try", mixinStandardHelpOptions = true)
  static final class Try implements Callable<Integer> {
    @Option(names = "--fail")
    String fail = "";

    @Override
    public Integer call() throws IOException {
      return switch (fail) {
        case "input" -> throw new BadInputException("x.yaml: expected a, found b.");
        case "disk" -> throw new SurroundingsException("x: no space left.", null);
        case "defect" -> throw new IllegalStateException("surprise");
        case "gate" -> 3;
        default -> 0;
      };
    }
  }

  @Command(name = "room", subcommands = Try.class)
  static final class Room {}

  @BeforeEach
  void capture() {
    before = System.err;
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setErr(before);
  }

  private String error() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void exitCodesTellWhoIsToAct() {
    assertThat(Commands.run(new Try())).isZero();
    assertThat(Commands.run(new Try(), "--fail=gate")).isEqualTo(3);
    assertThat(Commands.run(new Try(), "--fail=input")).isEqualTo(2);
    assertThat(Commands.run(new Try(), "--fail=disk")).isEqualTo(6);
    assertThat(Commands.run(new Try(), "--fail=defect")).isEqualTo(70);
    assertThat(Commands.run(new Try(), "--unknown")).isEqualTo(2);
  }

  @Test
  void badInputIsOneSentence() {
    Commands.run(new Try(), "--fail=input");
    assertThat(error()).isEqualTo("whetstone: x.yaml: expected a, found b.\n");
  }

  @Test
  void stackTracesAreForDebugOnly() {
    Commands.run(new Try(), "--fail=defect");
    assertThat(error())
        .contains("a defect of ours: java.lang.IllegalStateException: surprise")
        .doesNotContain("\tat ");
    Commands.run(new Try(), "--debug", "--fail=defect");
    assertThat(error()).contains("\tat ");
  }

  @Test
  void wrongUsagePointsToTheHelp() {
    Commands.run(new Try(), "--unknown");
    assertThat(error()).contains("--unknown").contains("Try: try --help");
    Commands.run(new Room(), "try", "--unknown");
    assertThat(error()).contains("Try: whetstone try --help");
  }
}
