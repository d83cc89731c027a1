package dev.whetstone.leaderboard.command;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.intake.TrainingRows;
import dev.whetstone.leaderboard.store.BoardStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code board add}: result folders onto the board. Prints the database. */
@Command(
    name = "add",
    description =
        "Adds result folders: ours, or plain output folders of lm-evaluation-harness with samples."
            + " What is there already stays as it is.",
    footer = {
      "",
      "Examples:",
      "  whetstone board add out/results/base out/results/orders --dataset out/dataset",
      "  whetstone board add lm-eval-output --as \"Qwen, our prompt\""
    },
    mixinStandardHelpOptions = true)
final class BoardAddCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "RESULT", description = "Result folders.")
  private List<Path> folders;

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description = "What the board calls the contender (default: the adapter's or model's name).")
  private String name = "";

  @Option(
      names = "--dataset",
      paramLabel = "DIR",
      description =
          "Dataset that a model was trained on: marks the documents that stand in its rows. Give it"
              + " when the result is added first.")
  private List<Path> datasets = List.of();

  @Mixin private BoardOption board;

  @Override
  public Integer call() {
    if (!name.isEmpty() && folders.size() > 1) {
      throw new BadInputException(
          "--as names one result, found %d folders; add them one by one."
              .formatted(folders.size()));
    }
    // All are read before any is added: a bad one leaves the board as it was.
    var entries = new ArrayList<Entry>();
    for (Path folder : folders) {
      entries.add(ResultReader.read(folder, name));
    }
    datasets.forEach(dataset -> join(dataset, entries));
    BoardStore store = board.open();
    for (int i = 0; i < entries.size(); i++) {
      boolean isNew = store.add(entries.get(i));
      System.err.printf(
          "%s: %s%n",
          folders.get(i),
          isNew
              ? "added as \"" + entries.get(i).name() + "\""
              : "is on the board already, nothing changed");
    }
    System.out.println(board.file());
    return 0;
  }

  /** Joins a dataset to the entries whose lineage names it; there must be one. */
  private static void join(Path dataset, List<Entry> entries) {
    TrainingRows rows = TrainingRows.open(dataset);
    boolean isNamed = false;
    for (int i = 0; i < entries.size(); i++) {
      Optional<Entry> joined = rows.joinedTo(entries.get(i));
      entries.set(i, joined.orElse(entries.get(i)));
      isNamed |= joined.isPresent();
    }
    if (!isNamed) {
      throw new BadInputException(
          dataset
              + ": expected the dataset that a model of these results was trained on, found"
              + " another: no lineage has its content hash.");
    }
  }
}
