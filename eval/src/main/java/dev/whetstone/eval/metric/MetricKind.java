package dev.whetstone.eval.metric;

import dev.whetstone.eval.task.Arguments;
import dev.whetstone.eval.task.OutputType;
import java.util.function.Function;

/**
 * A metric as a task file names it.
 *
 * @param outputType the tasks that it scores; one name may mean different metrics for different
 *     types
 */
record MetricKind(String name, OutputType outputType, Function<Arguments, Metric> make) {}
