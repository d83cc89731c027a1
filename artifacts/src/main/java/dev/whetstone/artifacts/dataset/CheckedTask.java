package dev.whetstone.artifacts.dataset;

/**
 * What came of looking for a benchmark's items in the rows that a dataset was made of: {@code
 * counts.contamination.<task>} of its manifest.
 *
 * @param items of the task
 * @param searchable of them; others have too few words, or none that tell them apart
 * @param found items that a row holds
 * @param trained items that a row of the split {@code train} holds
 * @param rows that hold at least one of them, of all that were read
 */
public record CheckedTask(int items, int searchable, int found, int trained, long rows) {
  public CheckedTask {
    if (items < searchable || searchable < found || found < trained || trained < 0) {
      throw new IllegalArgumentException(
          "expected items >= searchable >= found >= trained >= 0: %d, %d, %d, %d"
              .formatted(items, searchable, found, trained));
    }
  }
}
