package dev.whetstone.workbench;

import dev.whetstone.artifacts.Json;
import dev.whetstone.workbench.step.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The commands of a story that is told in one folder, with what each reads.
 *
 * @param recipe the file
 * @param sets overrides of it
 * @param out where everything goes
 * @param overwrite whether a command may replace what another version of the recipe left
 */
record RecipeSteps(Path recipe, List<String> sets, Path out, boolean overwrite) {
  RecipeSteps {
    sets = List.copyOf(sets);
  }

  Path dataset() {
    return out.resolve("dataset");
  }

  Step fetch(String source) {
    return Step.of("fetch", List.of(), List.of("fetch", source));
  }

  Step items(List<String> tasks, Optional<Path> folder) {
    List<String> arguments = new ArrayList<>(List.of("items", "--tasks", String.join(",", tasks)));
    folder.ifPresent(f -> arguments.addAll(List.of("--include-path", f.toString())));
    finish(arguments, out.resolve("items"));
    return Step.of("items", folder.stream().toList(), arguments);
  }

  Step prepare(Optional<Path> model, Optional<Path> items, List<Path> sources) {
    List<String> arguments = new ArrayList<>(List.of("prepare", recipe.toString()));
    set(arguments, sets);
    model.ifPresent(m -> set(arguments, List.of("prepare.model=" + Json.line(m.toString()))));
    items.ifPresent(
        i -> set(arguments, List.of("prepare.decontaminate=" + Json.line(List.of(i.toString())))));
    finish(arguments, dataset());
    return Step.of("prepare", inputs(model, items, sources), arguments);
  }

  Step train(Optional<Path> model, Optional<Path> dataset) {
    List<String> arguments = new ArrayList<>(List.of("train", recipe.toString()));
    set(arguments, sets);
    model.ifPresent(m -> arguments.addAll(List.of("--model", m.toString())));
    dataset.ifPresent(d -> arguments.addAll(List.of("--dataset", d.toString())));
    finish(arguments, out.resolve("run"));
    return Step.of("train", inputs(model, dataset, List.of()), arguments);
  }

  /**
   * @param who names the step and its folder
   * @param tasks folders of task files
   * @param more arguments that win over the recipe
   */
  Step eval(
      String who,
      Optional<Path> model,
      Optional<Path> adapter,
      Collection<Path> tasks,
      List<String> more) {
    List<String> arguments = new ArrayList<>(List.of("eval", recipe.toString()));
    set(arguments, sets);
    model.ifPresent(m -> arguments.addAll(List.of("--model", m.toString())));
    adapter.ifPresent(a -> arguments.addAll(List.of("--adapter", a.toString())));
    arguments.addAll(more);
    finish(arguments, out.resolve("eval-" + who));
    return Step.of("eval " + who, inputs(model, adapter, tasks), arguments);
  }

  private List<Path> inputs(Optional<Path> one, Optional<Path> two, Collection<Path> more) {
    return Stream.of(Stream.of(recipe), one.stream(), two.stream(), more.stream())
        .flatMap(paths -> paths)
        .toList();
  }

  private static void set(List<String> arguments, List<String> sets) {
    sets.forEach(s -> arguments.addAll(List.of("--set", s)));
  }

  private void finish(List<String> arguments, Path folder) {
    arguments.addAll(List.of("--out", folder.toString()));
    if (overwrite) {
      arguments.add("--overwrite");
    }
  }
}
