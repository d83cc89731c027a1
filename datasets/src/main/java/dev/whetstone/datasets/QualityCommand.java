package dev.whetstone.datasets;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.job.TrainQuality;
import dev.whetstone.datasets.quality.QualityConfig;
import dev.whetstone.datasets.quality.QualityConfig.CrossValidation;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whetstone quality}. */
@Command(
    name = "quality",
    mixinStandardHelpOptions = true,
    description = "A classifier of good and bad rows, learned from yours.",
    subcommands = QualityCommand.Train.class,
    synopsisSubcommandLabel = "COMMAND")
final class QualityCommand {

  /** {@code whetstone quality train}. */
  @Command(
      name = "train",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Learns to tell good rows from bad ones, of files of either, on this machine's processor.",
        "Prints the folder. The same work is not done twice."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  whetstone quality train --good curated.jsonl --bad scraped.jsonl --out out/quality",
        "  whetstone quality train orders.yaml --out out/quality --folds 5 --repeats 4",
        "",
        "Rows are in the shapes that prepare reads. report.html in the folder shows how far to"
            + " trust",
        "it and what each threshold keeps; then, in a recipe:",
        "  prepare: {quality: {model: out/quality, min: 0.5}, ...}"
      })
  static final class Train implements Callable<Integer> {
    @Parameters(
        arity = "0..1",
        paramLabel = "RECIPE",
        description = "YAML file with a section quality")
    private Optional<Path> recipe;

    @Option(
        names = "--good",
        arity = "1..*",
        paramLabel = "FILE",
        description = "rows as they should be; files or globs, in place of the recipe's")
    private List<String> good = new ArrayList<>();

    @Option(
        names = "--bad",
        arity = "1..*",
        paramLabel = "FILE",
        description = "rows as they should not be")
    private List<String> bad = new ArrayList<>();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder to make")
    private Path out;

    @Option(
        names = "--folds",
        paramLabel = "K",
        description = "cross-validate with so many parts too; for few rows")
    private Optional<Integer> folds;

    @Option(
        names = "--repeats",
        paramLabel = "R",
        description = "times to cross-validate, each with other parts; default: 1")
    private Optional<Integer> repeats;

    @Option(names = "--seed", paramLabel = "N", description = "of split, weights and order")
    private Optional<Long> seed;

    @Option(
        names = "--set",
        paramLabel = "KEY=VALUE",
        description = "override of the recipe, such as quality.bits=18; may be repeated")
    private List<String> sets = new ArrayList<>();

    @Option(names = "--overwrite", description = "replace the folder if it holds other work")
    private boolean overwrite;

    @Override
    public Integer call() {
      String name = recipe.map(file -> Recipe.read(file, sets).name()).orElse("quality");
      new TrainQuality(name, config(), Clock.systemUTC()).run(out, overwrite);
      System.out.println(out);
      return 0;
    }

    private QualityConfig config() {
      if (recipe.isEmpty()) {
        if (good.isEmpty() || bad.isEmpty()) {
          throw new BadInputException(
              "expected a recipe with a section quality, or --good FILE... and --bad FILE...; found"
                  + " neither.");
        }
        return with(
            new QualityConfig(sources(good), sources(bad), null, null, null, null, null, null));
      }
      Recipe story = Recipe.read(recipe.get(), sets);
      if (!story.has("quality")) {
        throw new BadInputException(
            recipe.get() + ": expected a section quality with good and bad, found none.");
      }
      return with(story.section("quality", QualityConfig.class));
    }

    private QualityConfig with(QualityConfig from) {
      CrossValidation cross = from.crossValidation();
      return new QualityConfig(
          good.isEmpty() ? from.good() : sources(good),
          bad.isEmpty() ? from.bad() : sources(bad),
          from.rows(),
          from.bits(),
          from.network(),
          from.heldOut(),
          new CrossValidation(folds.orElse(cross.folds()), repeats.orElse(cross.repeats())),
          seed.orElse(from.seed()));
    }

    private static List<Source> sources(List<String> paths) {
      return paths.stream().map(path -> new Source(path, null)).toList();
    }
  }
}
