package dev.whetstone.workbench;

import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.workbench.step.StepFailedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whetstone run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs a recipe's sections in order: fetches the model, prepares, trains, evaluates the model",
      "with and without the adapter. What is done already is not done again. Prints the folder."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  whetstone run recipes/quickstart/quickstart.yaml --out out/orders",
      "  whetstone run orders.yaml --out out/orders --set train.seed=1"
    })
final class RunCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RECIPE", description = "YAML file with a section per step")
  private Path recipe;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder for all that is made; default: out/NAME, by the recipe's name")
  private Path out;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "override of the recipe, such as prepare.seed=1; may be repeated")
  private List<String> sets = new ArrayList<>();

  @Option(
      names = "--overwrite",
      description = "replace what another version of the recipe left in the folder")
  private boolean overwrite;

  @Override
  public Integer call() {
    Recipe story = Recipe.read(recipe, sets);
    try {
      new RunRecipe(story, sets, out == null ? Path.of("out", story.name()) : out, overwrite).run();
    } catch (StepFailedException e) {
      System.err.println("whetstone: " + e.getMessage());
      return e.exitCode();
    }
    System.out.println(out == null ? Path.of("out", story.name()) : out);
    return 0;
  }
}
