package dev.whetstone.datasets.decontaminate;

/**
 * A benchmark item found in a training row.
 *
 * @param task name of the benchmark
 * @param docId the item's number in it
 * @param share of the question's n-grams that the row holds, in 0..1; 1 where it holds the question
 *     whole
 * @param evidence the longest run of words that row and question share
 */
public record Contamination(String task, int docId, double share, String evidence) {
  /** One line for people. */
  public String detail() {
    return "%s, item %d: %.0f %% of the question, \"%s\""
        .formatted(task, docId, 100 * share, evidence);
  }
}
