package dev.whetstone.leaderboard.job;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** A job with its latest runs, newest first. */
public record JobReport(Job job, List<JobRun> runs) {
  public JobReport {
    requireNonNull(job, "job is null");
    runs = List.copyOf(runs);
  }
}
