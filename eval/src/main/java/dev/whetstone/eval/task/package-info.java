/** Benchmarks as lm-evaluation-harness describes them: YAML files and local JSON documents. */
package dev.whetstone.eval.task;
