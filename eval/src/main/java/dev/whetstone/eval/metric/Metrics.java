package dev.whetstone.eval.metric;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.eval.task.Arguments;
import dev.whetstone.eval.task.OutputType;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.eval.task.TaskConfig.MetricEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The metrics that are known, and those of a task by name. Higher is better in all of them. */
public final class Metrics {
  /** In the order in which lm-eval writes those of choices (lm_eval/api/task.py). */
  private static final List<MetricKind> KNOWN =
      List.of(
          Accuracy.BY_SUM,
          Accuracy.BY_CHARACTERS,
          Accuracy.BY_BYTES,
          GreedyMatch.OF_CHOICE,
          GreedyMatch.OF_CONTINUATION,
          ExactMatch.KIND,
          JsonExactMatch.KIND,
          JsonFieldF1.KIND);

  private Metrics() {}

  /**
   * The metrics of a task in the order in which its samples list them.
   *
   * @throws BadInputException for an unknown metric, aggregation or argument
   */
  public static Map<String, Metric> of(TaskConfig task) {
    var asked = new LinkedHashMap<String, Metric>();
    for (MetricEntry entry : entries(task)) {
      var arguments =
          new Arguments("%s: metric %s".formatted(task.file(), entry.metric()), entry.arguments());
      MetricKind kind = kind(task, entry, arguments);
      if (!entry.aggregation().orElse("mean").equals("mean")) {
        throw arguments.wrong(
            "aggregation %s is not supported; known: mean".formatted(entry.aggregation().get()));
      }
      asked.put(entry.metric(), kind.make().apply(arguments));
      arguments.checkAllRead();
    }
    if (task.outputType() == OutputType.GENERATE_UNTIL) {
      return asked;
    }
    var ordered = new LinkedHashMap<String, Metric>();
    for (MetricKind kind : KNOWN) {
      if (kind.outputType() == task.outputType() && asked.containsKey(kind.name())) {
        ordered.put(kind.name(), asked.get(kind.name()));
      }
    }
    return ordered;
  }

  /** lm_eval/api/registry.py, DEFAULT_METRIC_REGISTRY. */
  private static List<MetricEntry> entries(TaskConfig task) {
    if (!task.metrics().isEmpty()) {
      return task.metrics();
    }
    List<String> names =
        switch (task.outputType()) {
          case GENERATE_UNTIL -> List.of("exact_match");
          case MULTIPLE_CHOICE -> List.of("acc", "acc_norm");
          case LOGLIKELIHOOD -> List.of("acc");
        };
    var entries = new ArrayList<MetricEntry>();
    for (String name : names) {
      entries.add(new MetricEntry(name, Optional.empty(), Optional.empty(), Map.of()));
    }
    return entries;
  }

  private static MetricKind kind(TaskConfig task, MetricEntry entry, Arguments arguments) {
    List<MetricKind> fitting =
        KNOWN.stream().filter(kind -> kind.outputType() == task.outputType()).toList();
    return fitting.stream()
        .filter(kind -> kind.name().equals(entry.metric()))
        .findFirst()
        .orElseThrow(
            () ->
                arguments.wrong(
                    "unknown for output_type %s; known: %s"
                        .formatted(
                            task.outputType().key(),
                            fitting.stream()
                                .map(MetricKind::name)
                                .collect(Collectors.joining(", ")))));
  }
}
