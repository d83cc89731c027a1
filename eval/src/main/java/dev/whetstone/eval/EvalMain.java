package dev.whetstone.eval;

import dev.whetstone.artifacts.command.Commands;
import picocli.CommandLine.Command;

/** Commands of this room. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = "Evaluates models on benchmarks.",
    subcommands = {EvalCommand.class, ItemsCommand.class})
public final class EvalMain {
  private EvalMain() {}

  public static void main(String... args) {
    Commands.main(new EvalMain(), args);
  }
}
