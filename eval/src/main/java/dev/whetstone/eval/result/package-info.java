/** Scores, and the files of a result as lm-evaluation-harness 0.4.13 writes them. */
package dev.whetstone.eval.result;
