package dev.whetstone.leaderboard.verdict;

import static java.util.Objects.requireNonNull;

import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.TaskResult;

/** One side of a comparison: a task's result within its entry. */
public record Side(Entry entry, TaskResult result) {
  public Side {
    requireNonNull(entry, "entry is null");
    requireNonNull(result, "result is null");
  }
}
