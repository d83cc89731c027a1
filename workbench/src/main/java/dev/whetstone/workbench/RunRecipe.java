package dev.whetstone.workbench;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.workbench.step.StepRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A recipe's sections in order. {@link #run} is the page. The folder then holds {@code items},
 * {@code dataset}, {@code run}, {@code eval-base} and {@code eval-adapter}, as far as the recipe
 * has the sections for them.
 */
final class RunRecipe {
  private final Recipe recipe;
  private final RecipeSteps steps;
  private final Path out;

  /**
   * @param sets the overrides with which {@code recipe} was read
   * @param overwrite whether what another version of the recipe left may be replaced
   */
  RunRecipe(Recipe recipe, List<String> sets, Path out, boolean overwrite) {
    this.recipe = recipe;
    this.steps = new RecipeSteps(recipe.file(), sets, out, overwrite);
    this.out = out;
    if (!recipe.has("prepare") && !recipe.has("train") && !recipe.has("eval")) {
      throw new BadInputException(
          recipe.file() + ": expected a section prepare, train or eval, found none.");
    }
  }

  void run() {
    StepRunner runner = StepRunner.of(out, count());
    Optional<Path> model = recipe.model().map(source -> runner.run(steps.fetch(source)));
    Optional<Path> items = benchmarks().map(b -> runner.run(steps.items(b.tasks(), b.folder())));
    if (recipe.has("prepare")) {
      runner.run(steps.prepare(model, items, sources()));
    }
    Optional<Path> adapter = Optional.empty();
    if (recipe.has("train")) {
      adapter = Optional.of(runner.run(steps.train(model, dataset())).resolve("adapter"));
    }
    if (recipe.has("eval")) {
      List<Path> tasks = text("eval", "include_path").map(Path::of).stream().toList();
      runner.run(steps.eval("base", model, Optional.empty(), tasks, List.of()));
      if (adapter.isPresent()) {
        runner.run(steps.eval("adapter", model, adapter, tasks, List.of()));
      }
    }
    runner.printTimings();
    if (recipe.has("eval") && adapter.isPresent()) {
      System.err.printf(
          "is it better? whetstone compare %s %s%n",
          out.resolve("eval-base"), out.resolve("eval-adapter"));
    }
  }

  private int count() {
    int evaluations = recipe.has("eval") ? recipe.has("train") ? 2 : 1 : 0;
    return (recipe.model().isPresent() ? 1 : 0)
        + (benchmarks().isPresent() ? 1 : 0)
        + (recipe.has("prepare") ? 1 : 0)
        + (recipe.has("train") ? 1 : 0)
        + evaluations;
  }

  private record Benchmarks(List<String> tasks, Optional<Path> folder) {}

  /** What the rows must not hold: the tasks that the recipe evaluates, unless it names items. */
  private Optional<Benchmarks> benchmarks() {
    if (!recipe.has("prepare")
        || !recipe.has("eval")
        || section("prepare").containsKey("decontaminate")) {
      return Optional.empty();
    }
    List<String> tasks = new ArrayList<>();
    if (section("eval").get("tasks") instanceof List<?> named) {
      named.forEach(task -> tasks.add(String.valueOf(task)));
    }
    return tasks.isEmpty()
        ? Optional.empty()
        : Optional.of(new Benchmarks(tasks, text("eval", "include_path").map(Path::of)));
  }

  /** What prepare made here, or what the recipe names. */
  private Optional<Path> dataset() {
    return recipe.has("prepare")
        ? Optional.of(steps.dataset())
        : text("train", "dataset").map(Path::of);
  }

  /** Folders or files of the sources, as far as they are on this machine and named without glob. */
  private List<Path> sources() {
    List<Path> files = new ArrayList<>();
    if (section("prepare").get("sources") instanceof List<?> sources) {
      for (Object source : sources) {
        if (source instanceof Map<?, ?> map) {
          files.add(Path.of(beforeGlob(String.valueOf(map.get("path")))));
        }
      }
    }
    return files;
  }

  /** The longest leading folder of a path that holds no pattern. */
  private static String beforeGlob(String path) {
    int glob = path.replaceAll("[*?\\[{].*", "").length();
    if (glob == path.length()) {
      return path;
    }
    int slash = path.lastIndexOf('/', glob);
    return slash < 0 ? "." : path.substring(0, Math.max(slash, 1));
  }

  private Optional<String> text(String section, String key) {
    return Optional.ofNullable(section(section).get(key)).map(String::valueOf);
  }

  private Map<?, ?> section(String name) {
    return recipe.sections().get(name) instanceof Map<?, ?> map ? map : Map.of();
  }
}
