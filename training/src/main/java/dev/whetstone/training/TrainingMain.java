package dev.whetstone.training;

import dev.whetstone.artifacts.command.Commands;
import picocli.CommandLine.Command;

/** The training room's commands. */
@Command(name = "training", mixinStandardHelpOptions = true, subcommands = TrainCommand.class)
public final class TrainingMain {
  private TrainingMain() {}

  public static void main(String[] args) {
    Commands.main(new TrainingMain(), args);
  }
}
