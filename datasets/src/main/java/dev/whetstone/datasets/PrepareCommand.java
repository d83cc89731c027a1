package dev.whetstone.datasets;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.datasets.clean.PersonalData;
import dev.whetstone.datasets.job.PrepareDataset;
import dev.whetstone.datasets.job.SparkRuntime;
import dev.whetstone.datasets.measure.Measure;
import dev.whetstone.datasets.measure.Measures;
import dev.whetstone.datasets.personal.Pseudonyms;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whetstone prepare}. */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes a data set of raw rows: cleans them, removes duplicates and rows that hold benchmark",
      "items, splits, tokenises, plans packs. Prints the folder. The same work is not done twice."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  whetstone prepare recipes/quickstart/orders.yaml --out out/dataset",
      "  whetstone prepare orders.yaml --out out/dataset --set prepare.max_length=2048 --overwrite",
      "",
      "The folder opens with datasets.load_from_disk; report.html in it shows what became of every",
      "row, dropped/*.jsonl holds each row that was dropped, with its reason.",
      "",
      "Sources: JSON Lines, JSON, CSV, TSV (.gz and .zst too), Parquet, Arrow, folders,"
          + " save_to_disk;",
      "rows as OpenAI, TRL, LLaMA-Factory, ms-swift and Bailian have them: docs/sources.md."
    })
final class PrepareCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RECIPE", description = "YAML file with a section prepare")
  private Path recipe;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder to make")
  private Path out;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark's master; default: that of spark-submit, else all cores here (local[*])")
  private Optional<String> master;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "tasks that write, at most one shard each; default: one per 128 MiB of sources")
  private Optional<Integer> partitions;

  @Option(
      names = "--stages",
      paramLabel = "DIR",
      description =
          "folder of rows already read, cleaned and scored, which a job that failed or has other"
              + " thresholds goes on with; may be deleted; default: the dataset's name and .stages")
  private Optional<Path> stages;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "override of the recipe, such as prepare.seed=1; may be repeated")
  private List<String> sets = new ArrayList<>();

  @Option(names = "--overwrite", description = "replace the folder if it holds other work")
  private boolean overwrite;

  @Option(
      names = "--measures",
      help = true,
      description = "list what is measured of each row, and the bounds of the presets; then end")
  private boolean measures;

  @Override
  public Integer call() {
    if (measures) {
      listMeasures();
      return 0;
    }
    Recipe story = Recipe.read(recipe, sets);
    if (!story.has("prepare")) {
      throw new BadInputException(
          recipe + ": expected a section prepare with its sources, found none.");
    }
    PrepareConfig config =
        story.section("prepare", PrepareConfig.class).withModel(story.model().orElse(""));
    var runtime = new SparkRuntime(master, partitions, stages);
    // A key that is set for other recipes is no input of this one.
    Optional<Pseudonyms> pseudonyms =
        config.personalData() == PersonalData.Policy.PSEUDONYM
            ? Optional.ofNullable(System.getenv(Pseudonyms.VARIABLE)).map(Pseudonyms::new)
            : Optional.empty();
    new PrepareDataset(story.name(), config, runtime, pseudonyms, Clock.systemUTC())
        .run(out, overwrite);
    System.out.println(out);
    return 0;
  }

  private static void listMeasures() {
    String line = "%-36s %-11s %-29s %s%n";
    System.out.printf(line, "measure", "chat", "web", "what it says");
    for (Measure measure : Measures.ALL) {
      System.out.printf(line, measure.key(), measure.chat(), measure.web(), measure.meaning());
    }
  }
}
