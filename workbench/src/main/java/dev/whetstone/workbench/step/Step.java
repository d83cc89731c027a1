package dev.whetstone.workbench.step;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A command of Whetstone as a part of a story.
 *
 * @param name unique in the story
 * @param arguments command and arguments, as typed behind {@code whetstone}
 * @param inputs files and folders that it reads
 * @param replaced files that are deleted before it starts, since the command would add to them
 * @param budget how long it should take on two cores; zero where nothing is promised
 */
public record Step(
    String name, List<String> arguments, List<Path> inputs, List<Path> replaced, Duration budget) {
  public Step {
    requireNonNull(name, "name is null");
    arguments = List.copyOf(arguments);
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("step " + name + " has no command");
    }
    inputs = List.copyOf(inputs);
    replaced = List.copyOf(replaced);
    if (budget.isNegative()) {
      throw new IllegalArgumentException("budget must not be negative: " + budget);
    }
  }

  /** A step that replaces nothing and promises nothing. */
  public static Step of(String name, List<Path> inputs, List<String> arguments) {
    return new Step(name, arguments, inputs, List.of(), Duration.ZERO);
  }

  /** The same step with a promise. */
  public Step within(Duration promised) {
    return new Step(name, arguments, inputs, replaced, promised);
  }
}
