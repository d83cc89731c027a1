package dev.whetstone.training;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.command.Commands;
import dev.whetstone.artifacts.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code whetstone train}: one LoRA run by the recipe's section {@code train}; prints the run's
 * folder.
 */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Fine-tunes a model by LoRA and prints the run's folder.",
    footer = {
      "",
      "A run that was killed goes on with the same command. The adapter is in PEFT's format under"
          + " DIR/adapter.",
      "Examples:",
      "  whetstone train recipe.yaml --out out/run --set train.learning_rate=1e-3",
      "  whetstone train recipe.yaml --out out/sweep --sweep \\",
      "    --set 'train.sweep={learning_rates: [1e-4, 3e-4, 1e-3], ranks: [8, 16], steps: 20}'"
    })
final class TrainCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RECIPE", description = "YAML file with a section train")
  private Path recipe;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of the run")
  private Path out;

  @Option(
      names = "--dataset",
      paramLabel = "DIR",
      description = "dataset folder, instead of train.dataset")
  private Path dataset;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "model folder, instead of the recipe's")
  private Path model;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "overrides a key, such as train.steps=50")
  private List<String> sets = new ArrayList<>();

  /** Read by nobody: going on is what a run does anyway; scripts may say so. */
  @Option(names = "--resume", description = "go on where a killed run stopped, as is done anyway")
  @SuppressWarnings("UnusedVariable")
  private boolean resume;

  @Option(
      names = "--sweep",
      description =
          "try the learning rates and ranks of train.sweep, the better ones for longer, and print"
              + " the best run's folder")
  private boolean sweep;

  @Option(names = "--overwrite", description = "replace a finished run of other work")
  private boolean overwrite;

  @Override
  public Integer call() {
    Recipe read = Recipe.read(recipe, sets);
    TrainConfig section = read.section("train", TrainConfig.class);
    TrainConfig config =
        section.withPlaces(
            given(dataset, section.dataset(), Optional.empty(), "dataset"),
            given(model, section.model(), read.model(), "model"),
            section.adapter());
    StopSwitch stop = StopSwitch.onShutdown();
    try {
      Optional<Path> run =
          sweep
              ? new Sweep(config, out, read.name()).run(overwrite, stop)
              : Optional.of(out)
                  .filter(path -> new LoraRun(config, path, read.name()).run(overwrite, stop));
      run.ifPresent(System.out::println);
      return run.isPresent() ? 0 : Commands.INTERRUPTED;
    } finally {
      stop.done();
    }
  }

  private String given(Path option, String section, Optional<String> recipeWide, String what) {
    if (option != null) {
      return option.toString();
    }
    String value = section.isEmpty() ? recipeWide.orElse("") : section;
    if (value.isEmpty()) {
      throw new BadInputException(
          "%s: expected a %s in section train or --%s, found none.".formatted(recipe, what, what));
    }
    return value;
  }
}
