package dev.whetstone.leaderboard.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.page.VerdictText;
import dev.whetstone.leaderboard.verdict.Comparison;
import dev.whetstone.leaderboard.verdict.Judge;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.verdict.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compare}: two results, paired document by document. Prints the answer. */
@Command(
    name = "compare",
    description =
        "Compares result B with result A, document by document. Refuses what cannot be compared:"
            + " other documents, another version of the task (exit code 4).",
    footer = {
      "",
      "Examples:",
      "  whetstone compare out/results/base out/results/orders",
      "  whetstone compare out/results/base out/results/orders --task orders --json"
    },
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
  private static final int NOT_COMPARABLE = 4;

  @Parameters(index = "0", paramLabel = "A", description = "Result folder: the baseline.")
  private Path baseline;

  @Parameters(index = "1", paramLabel = "B", description = "Result folder: the candidate.")
  private Path candidate;

  @Option(names = "--task", paramLabel = "T", description = "Only this task.")
  private String task = "";

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Entry before = ResultReader.read(baseline, "");
    Entry after = ResultReader.read(candidate, "");
    Map<String, Verdict> verdicts =
        new Judge(Policy.BOARD).byTask(before, after, shared(before, after));
    List<Verdict> compared =
        verdicts.values().stream().filter(verdict -> verdict.comparison().isPresent()).toList();
    if (json) {
      ObjectNode answer = Json.mapper().createObjectNode();
      compared.forEach(
          verdict ->
              answer.set(
                  verdict.comparison().orElseThrow().candidate().result().task(),
                  VerdictText.json(verdict, Policy.BOARD)));
      System.out.print(Json.pretty(answer));
    } else {
      compared.forEach(CompareCommand::print);
    }
    verdicts.forEach(
        (task, verdict) -> {
          if (verdict instanceof Verdict.NotComparable none) {
            System.err.printf("whetstone: not comparable: %s: %s.%n", task, none.reason());
          }
        });
    return compared.size() == verdicts.size() ? 0 : NOT_COMPARABLE;
  }

  private static void print(Verdict verdict) {
    Comparison by = verdict.comparison().orElseThrow();
    System.out.printf(
        "%s: %s%n  %s%n",
        by.candidate().result().task(),
        verdict.label(),
        VerdictText.sentence(verdict, Policy.BOARD));
    by.pairs()
        .ifPresent(
            pairs ->
                System.out.printf(
                    "  fixed %d, broke %d, both right %d, both wrong %d (%s)%n",
                    pairs.onlyCandidate(),
                    pairs.onlyBaseline(),
                    pairs.bothRight(),
                    pairs.bothWrong(),
                    by.test()));
    if (by.shotsDiffer()) {
      System.out.printf(
          "  the prompts differ: %d-shot against %d-shot%n",
          by.baseline().result().shots(), by.candidate().result().shots());
    }
  }

  private List<TaskResult> shared(Entry before, Entry after) {
    List<TaskResult> shared =
        after.tasks().stream()
            .filter(result -> task.isEmpty() || result.task().equals(task))
            .filter(result -> find(before, result.task()).isPresent())
            .toList();
    if (shared.isEmpty()) {
      throw new BadInputException(
          "%s and %s: expected %s in both, found %s and %s."
              .formatted(
                  baseline,
                  candidate,
                  task.isEmpty() ? "a common task" : "task " + task,
                  names(before),
                  names(after)));
    }
    return shared;
  }

  private static Optional<TaskResult> find(Entry entry, String name) {
    return entry.tasks().stream().filter(result -> result.task().equals(name)).findFirst();
  }

  private static String names(Entry entry) {
    return String.join(", ", entry.tasks().stream().map(TaskResult::task).toList());
  }
}
