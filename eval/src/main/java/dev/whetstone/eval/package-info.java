/**
 * Evaluation: benchmarks, prompts, scores and one run, in the numbers and files of
 * lm-evaluation-harness. {@link dev.whetstone.eval.EvaluationRun} is the page.
 */
package dev.whetstone.eval;
