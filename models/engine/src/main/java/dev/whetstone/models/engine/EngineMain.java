package dev.whetstone.models.engine;

import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.models.engine.doctor.DoctorCommand;
import dev.whetstone.models.engine.hub.FetchCommand;
import dev.whetstone.models.engine.hub.PushCommand;
import picocli.CommandLine.Command;

/** Commands of this room. */
@Command(
    name = "engine",
    mixinStandardHelpOptions = true,
    description = "Fetches, tries, measures, merges and exports models; looks at this machine.",
    subcommands = {
      FetchCommand.class,
      GenerateCommand.class,
      ChatCommand.class,
      PerplexityCommand.class,
      MergeCommand.class,
      ExportCommand.class,
      QuantizeCommand.class,
      PushCommand.class,
      DoctorCommand.class
    })
public final class EngineMain {
  EngineMain() {}

  public static void main(String... args) {
    Commands.main(new EngineMain(), args);
  }
}
