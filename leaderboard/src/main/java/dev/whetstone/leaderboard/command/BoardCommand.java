package dev.whetstone.leaderboard.command;

import picocli.CommandLine.Command;

/** {@code board}: the leaderboard's commands. */
@Command(
    name = "board",
    description = "The leaderboard: add results, list them, publish or serve a site.",
    mixinStandardHelpOptions = true,
    subcommands = {
      BoardAddCommand.class,
      BoardExportCommand.class,
      BoardListCommand.class,
      BoardScheduleCommand.class,
      BoardServeCommand.class
    })
public final class BoardCommand {}
