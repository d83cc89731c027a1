package dev.whetstone.eval.filter;

import dev.whetstone.eval.task.Arguments;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.eval.task.TaskConfig.FilterPipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The filters that are known, and a task's pipeline of them. */
public final class Filters {
  private static final List<FilterKind> KNOWN =
      List.of(
          LetterCase.LOWER,
          RegexFilter.KIND,
          WhitespaceFilter.KIND,
          TakeFirst.KIND,
          LetterCase.UPPER);

  private final List<AnswerFilter> steps;

  private Filters(List<AnswerFilter> steps) {
    this.steps = steps;
  }

  /**
   * @throws dev.whetstone.artifacts.BadInputException for an unknown filter or argument
   */
  public static Filters of(TaskConfig task, FilterPipeline pipeline) {
    var steps = new ArrayList<AnswerFilter>();
    for (TaskConfig.FilterEntry entry : pipeline.filters()) {
      var arguments =
          new Arguments(
              "%s: filter %s of \"%s\"".formatted(task.file(), entry.function(), pipeline.name()),
              entry.arguments());
      FilterKind kind =
          KNOWN.stream()
              .filter(known -> known.name().equals(entry.function()))
              .findFirst()
              .orElseThrow(
                  () ->
                      arguments.wrong(
                          "unknown; known: "
                              + KNOWN.stream()
                                  .map(FilterKind::name)
                                  .collect(Collectors.joining(", "))));
      steps.add(kind.make().apply(arguments));
      arguments.checkAllRead();
    }
    return new Filters(steps);
  }

  /** All steps in order. {@code responses}: one per repeat. */
  public Object apply(List<?> responses) {
    Object filtered = responses;
    for (AnswerFilter step : steps) {
      filtered = step.apply(filtered);
    }
    return filtered;
  }

  /** {@code change} on every text, be it one response or a list of them. */
  static Object onTexts(Object responses, UnaryOperator<String> change) {
    if (responses instanceof List<?> list) {
      return list.stream().map(one -> one instanceof String s ? change.apply(s) : one).toList();
    }
    return responses instanceof String text ? change.apply(text) : responses;
  }
}
