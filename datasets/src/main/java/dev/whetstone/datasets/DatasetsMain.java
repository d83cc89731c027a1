package dev.whetstone.datasets;

import dev.whetstone.artifacts.command.Commands;
import picocli.CommandLine.Command;

/** The commands of this room. */
@Command(
    name = "whetstone",
    description = "Prepares data sets.",
    mixinStandardHelpOptions = true,
    subcommands = {
      PrepareCommand.class,
      QualityCommand.class,
      PacksCommand.class,
      PreflightCommand.class,
      ExportCommand.class
    })
public final class DatasetsMain {
  public static void main(String[] args) {
    Commands.main(new DatasetsMain(), args);
  }
}
