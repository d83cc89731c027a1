package dev.whetstone.leaderboard.command;

import picocli.CommandLine.Command;

/** {@code board schedule}: evaluations that {@code board serve} does again and again. */
@Command(
    name = "schedule",
    description =
        "Evaluations that \"board serve\" does again and again. Each result goes onto the board and"
            + " is compared with a baseline; the page schedule.html shows the verdicts.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ScheduleAddCommand.class,
      ScheduleListCommand.class,
      ScheduleRemoveCommand.class
    })
final class BoardScheduleCommand {}
