package dev.whetstone.artifacts;

import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.artifacts.home.GcCommand;
import dev.whetstone.artifacts.inspect.InspectCommand;
import picocli.CommandLine.Command;

/**
 * Commands about artifacts of every room.
 *
 * <p>This room has no class path of its own to start from: which memory manager and which log
 * binding Arrow gets is a room's choice (Spark brings its own), so the launcher starts this main
 * class on the class path of {@code eval}.
 */
@Command(
    name = "artifacts",
    mixinStandardHelpOptions = true,
    description = "Reads artifacts, frees space.",
    subcommands = {InspectCommand.class, GcCommand.class})
public final class ArtifactsMain {
  private ArtifactsMain() {}

  public static void main(String... args) {
    Commands.main(new ArtifactsMain(), args);
  }
}
