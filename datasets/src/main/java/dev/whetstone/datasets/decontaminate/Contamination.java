package dev.whetstone.datasets.decontaminate;

import dev.whetstone.artifacts.dataset.ContaminatedItem.Kind;
import java.util.Locale;

/**
 * A benchmark item found in a training row.
 *
 * @param item index in the list that the {@link ItemIndex} was made of
 * @param task name of the benchmark
 * @param docId the item's number in it
 * @param kind what of it was found
 * @param share of the words of the question (or answer) that the row holds, in (0, 1]
 * @param words how many words that are
 * @param evidence the longest stretch of words that row and item share
 */
public record Contamination(
    int item, String task, int docId, Kind kind, double share, int words, String evidence) {
  /** One line for people. */
  public String detail() {
    return String.format(
        Locale.ROOT,
        "%s, item %d: %.0f %% of the %s, \"%s\"",
        task,
        docId,
        100 * share,
        switch (kind) {
          case QUESTION -> "question";
          case ANSWER -> "answer";
          case WHOLE -> "question and its answer";
        },
        evidence);
  }
}
