package dev.whetstone.leaderboard;

import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.leaderboard.command.BoardCommand;
import dev.whetstone.leaderboard.command.CompareCommand;
import picocli.CommandLine.Command;

/** The commands of the leaderboard. */
@Command(
    name = "leaderboard",
    description = "Compares results and publishes them.",
    mixinStandardHelpOptions = true,
    subcommands = {BoardCommand.class, CompareCommand.class})
public final class LeaderboardMain {
  public static void main(String[] args) {
    Commands.main(new LeaderboardMain(), args);
  }
}
