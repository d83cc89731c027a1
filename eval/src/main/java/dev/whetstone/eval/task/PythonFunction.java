package dev.whetstone.eval.task;

/** What {@code !function} names in a task file. */
record PythonFunction(String name) {}
