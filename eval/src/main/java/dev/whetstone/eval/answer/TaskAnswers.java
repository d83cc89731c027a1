package dev.whetstone.eval.answer;

import java.util.List;

/**
 * The answers to a task.
 *
 * @param documents answers by document and request, in order
 * @param truncated requests whose prompt lost tokens at its beginning
 * @param promptTokens tokens of all prompts, shared ones counted each time
 * @param requestSeconds wall time of the model's work
 */
public record TaskAnswers(
    List<List<Answer>> documents, int truncated, long promptTokens, double requestSeconds) {
  public TaskAnswers {
    documents = List.copyOf(documents);
  }

  int requests() {
    return documents.stream().mapToInt(List::size).sum();
  }
}
