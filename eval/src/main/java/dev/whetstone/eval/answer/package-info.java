/** From texts to token ids, to the model's answers, and their log on disk. */
package dev.whetstone.eval.answer;
