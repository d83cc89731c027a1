package dev.whetstone.leaderboard.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.job.JobReport;
import dev.whetstone.leaderboard.job.JobRun;
import dev.whetstone.leaderboard.job.JobRun.TaskVerdict;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code board schedule list}: the jobs and what came of them. */
@Command(
    name = "list",
    description = "Prints the jobs with their latest runs and verdicts.",
    mixinStandardHelpOptions = true)
final class ScheduleListCommand implements Callable<Integer> {
  private static final int RUNS = 5;

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Mixin private BoardOption board;

  @Override
  public Integer call() {
    List<JobReport> reports = board.open().schedule().reports(RUNS);
    if (json) {
      System.out.print(Json.pretty(asJson(reports)));
      return 0;
    }
    if (reports.isEmpty()) {
      System.err.println("no jobs; add one: whetstone board schedule add --help");
    }
    for (JobReport report : reports) {
      Job job = report.job();
      System.out.printf(
          "%s  \"%s\" (%s), next %s%n  eval %s%n",
          job.name(),
          job.cron(),
          job.zone(),
          job.nextDue().atZone(job.zone()).toOffsetDateTime(),
          String.join(" ", job.arguments()));
      report.runs().forEach(ScheduleListCommand::print);
    }
    return 0;
  }

  private static void print(JobRun run) {
    System.out.printf(
        "  due %s  %s%s%n",
        run.due(),
        run.state().name().toLowerCase(Locale.ROOT),
        run.sentence().isEmpty() ? "" : ": " + run.sentence());
    for (TaskVerdict verdict : run.verdicts()) {
      System.out.printf("    %s: %s, %s%n", verdict.task(), verdict.label(), verdict.sentence());
    }
  }

  private static ArrayNode asJson(List<JobReport> reports) {
    ArrayNode all = Json.mapper().createArrayNode();
    for (JobReport report : reports) {
      Job job = report.job();
      ObjectNode one = all.addObject();
      one.put("name", job.name());
      one.put("cron", job.cron());
      one.put("zone", job.zone().getId());
      one.put("directory", job.directory().toString());
      one.set("arguments", Json.mapper().valueToTree(job.arguments()));
      one.put("baseline", job.baseline());
      one.put("next_due", job.nextDue().toString());
      ArrayNode runs = one.putArray("runs");
      report.runs().forEach(run -> runs.add(asJson(run)));
    }
    return all;
  }

  private static ObjectNode asJson(JobRun run) {
    ObjectNode node = Json.mapper().createObjectNode();
    node.put("due", run.due().toString());
    node.put("started", run.started().toString());
    node.put("state", run.state().name().toLowerCase(Locale.ROOT));
    node.put("finished", run.finished().map(Instant::toString).orElse(null));
    node.put("exit_code", run.exitCode().isPresent() ? (Integer) run.exitCode().getAsInt() : null);
    node.put("setbacks", run.setbacks());
    node.put("sentence", run.sentence());
    node.put("entry", run.entry().orElse(null));
    node.set("verdicts", Json.mapper().valueToTree(run.verdicts()));
    return node;
  }
}
