package dev.whetstone.datasets.job;

import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.datasets.rows.DropReason;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts of a manifest.
 *
 * @param read rows of all sources, blank lines not counted
 * @param kept rows by split
 * @param tokens of all rows, 0 without a model
 * @param targets tokens that the loss is computed on
 * @param dropped rows by reason, every reason named
 * @param tooLong what was done to rows of more than {@code max_length} tokens, besides
 * @param mixture of the training rows by source; empty where each row is taken once
 * @param changed rows that cleaning changed and kept, by rule
 * @param contamination what was found of each benchmark that was looked for
 * @param languages rows that reading and cleaning left, by language; empty where it was not looked
 *     for
 */
record Counts(
    long read,
    Map<String, Long> kept,
    long tokens,
    long targets,
    Map<String, Long> dropped,
    TooLongCounts tooLong,
    List<Mixture.Share> mixture,
    Map<String, Long> changed,
    Map<String, CheckedTask> contamination,
    Map<String, Long> languages) {

  /** Counts that agree with one another. */
  static Counts of(
      ReadSummary read,
      Map<String, SplitSummary> splits,
      Map<DropReason, DroppedRows.Written> dropped,
      TooLongCounts tooLong,
      Mixture mixture,
      ContaminationReport contamination) {
    Map<String, Long> kept = new TreeMap<>();
    long tokens = 0;
    long targets = 0;
    long accounted = 0;
    for (SplitSummary split : splits.values()) {
      kept.put(split.split(), split.rows());
      tokens += split.tokens();
      targets += split.targets();
      accounted += split.rows();
    }
    Map<String, Long> byKey = new TreeMap<>();
    for (var reason : dropped.entrySet()) {
      byKey.put(reason.getKey().key(), reason.getValue().rows());
      accounted += reason.getValue().rows();
    }
    if (accounted != read.read() + tooLong.more() + mixture.more()) {
      throw new IllegalStateException(
          "%d rows were read, %d came by splitting, %d by repeating, but %d are kept or dropped"
              .formatted(read.read(), tooLong.more(), mixture.more(), accounted));
    }
    return new Counts(
        read.read(),
        kept,
        tokens,
        targets,
        byKey,
        tooLong,
        mixture.shares(),
        read.changes(),
        contamination.tasks(),
        read.languages());
  }
}
