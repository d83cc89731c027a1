package dev.whetstone.eval.filter;

import dev.whetstone.eval.task.Arguments;
import java.util.function.Function;

/** A filter as a task file names it. */
record FilterKind(String name, Function<Arguments, AnswerFilter> make) {}
