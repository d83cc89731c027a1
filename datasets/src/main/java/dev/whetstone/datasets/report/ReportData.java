package dev.whetstone.datasets.report;

import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.artifacts.dataset.ContaminatedItem;
import dev.whetstone.datasets.rows.DropReason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Everything the report of a prepared dataset shows.
 *
 * @param name of the recipe
 * @param content content hash of the dataset
 * @param started ISO-8601 instant
 * @param seconds wall time
 * @param sources what was read
 * @param read rows read
 * @param dropped rows by reason, in the order of the steps, none left out
 * @param splits train first
 * @param maxLength tokens of a packed row
 * @param changes rows by the cleaning rule that changed them
 * @param examples of dropped rows, the first of each reason
 * @param changed examples of rows that cleaning changed
 * @param clusters of duplicates, the largest ones
 * @param languages rows by language, of those that cleaning left; empty where nobody looked
 * @param mixture of the training rows by source; empty where each row is taken once
 * @param benchmarks what was found of each benchmark that was looked for
 * @param contamination the benchmark items that were found
 * @param recipe the section with its defaults, as JSON text
 */
public record ReportData(
    String name,
    String content,
    String started,
    double seconds,
    List<SourceFacts> sources,
    long read,
    Map<DropReason, Long> dropped,
    List<SplitFacts> splits,
    int maxLength,
    Map<String, Long> changes,
    List<DroppedExample> examples,
    List<ChangedExample> changed,
    List<Cluster> clusters,
    Map<String, Long> languages,
    List<MixtureShare> mixture,
    Map<String, CheckedTask> benchmarks,
    List<ContaminatedItem> contamination,
    String recipe) {

  public ReportData {
    sources = List.copyOf(sources);
    splits = List.copyOf(splits);
    examples = List.copyOf(examples);
    changed = List.copyOf(changed);
    clusters = List.copyOf(clusters);
    mixture = List.copyOf(mixture);
    contamination = List.copyOf(contamination);
  }

  /**
   * @param sha256 of the file
   * @param read rows of it
   * @param kept rows of it that are in the dataset
   * @param tokens of the kept rows, 0 without a model
   */
  public record SourceFacts(
      String name, long sizeBytes, String sha256, long read, long kept, long tokens) {}

  /**
   * A cluster of duplicates.
   *
   * @param size rows
   * @param diameter Jaccard distance, in 0..1
   * @param keptId of the row that stays
   * @param farthestId of the row that is least like it
   * @param jaccard similarity of the two
   */
  public record Cluster(
      long size,
      double diameter,
      String keptId,
      String kept,
      String farthestId,
      double jaccard,
      String farthest) {}

  /**
   * @param lengths tokens of each row; empty without a model
   * @param targets tokens that the loss is computed on
   * @param packs tokens in each pack of the plan
   */
  public record SplitFacts(
      String split, long rows, int[] lengths, long targets, List<Integer> packs) {}

  /**
   * What a source has of the training rows.
   *
   * @param asked share of all, in 0..1; empty where no weights are given
   * @param got share of all, in 0..1
   * @param rows repeated ones counted each time
   * @param amount of them
   * @param unit of amounts, such as {@code tokens}
   * @param leftOut rows of both splits
   */
  public record MixtureShare(
      String source,
      OptionalDouble asked,
      double got,
      long rows,
      long amount,
      String unit,
      long leftOut) {}

  /** Another row that is the reason why one was dropped. */
  public record KeptRow(String id, String text) {}

  public record DroppedExample(
      DropReason reason,
      String id,
      String source,
      long line,
      String detail,
      String text,
      Optional<KeptRow> kept) {}

  public record ChangedExample(
      String id, String source, long line, String rules, String before, String after) {}

  /** Rows in the dataset. */
  public long kept() {
    return splits.stream().mapToLong(SplitFacts::rows).sum();
  }
}
