/** From a benchmark's document to the texts that a model is given, as lm-eval builds them. */
package dev.whetstone.eval.prompt;
