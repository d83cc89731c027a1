package dev.whetstone.workbench;

import dev.whetstone.artifacts.command.Commands;
import picocli.CommandLine.Command;

/** The commands of this room. */
@Command(
    name = "whetstone",
    description = "Runs whole stories, and packs Whetstone.",
    mixinStandardHelpOptions = true,
    subcommands = {RunCommand.class, QuickstartCommand.class, PackageCommand.class})
public final class WorkbenchMain {
  WorkbenchMain() {}

  public static void main(String[] args) {
    Commands.main(new WorkbenchMain(), args);
  }
}
