package dev.whetstone.datasets.preflight;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.export.ExportFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Rows of a dataset that other trainers would drop, cut or learn otherwise without a word, if they
 * got it by {@code export --to}.
 *
 * @param rows of all splits
 * @param withTokens whether lengths are known; else rules about them could not be checked
 */
public record Preflight(long rows, boolean withTokens, List<Finding> findings) {
  /** Of each rule so many rows are named. */
  private static final int EXAMPLES = 5;

  /**
   * Rows that a rule touches.
   *
   * @param length {@code max_length} or {@code cutoff_len} that was taken
   * @param tokens that are lost, or learned though they are no targets; 0 where that is not known
   * @param examples ids of the first rows
   */
  public record Finding(
      String trainer,
      Effect effect,
      String rule,
      int length,
      long rows,
      long tokens,
      List<String> examples) {}

  /**
   * Looks at every row.
   *
   * @param length of the trainers' limit; empty: each trainer's default
   */
  public static Preflight of(DatasetFolder dataset, OptionalInt length) {
    LossOn lossOn = ExportFiles.lossOn(dataset);
    List<TrainerRule> rules = TrainerRule.ALL;
    long[] touched = new long[rules.size()];
    long[] tokens = new long[rules.size()];
    List<List<String>> examples = new ArrayList<>();
    rules.forEach(rule -> examples.add(new ArrayList<>()));
    long rows = 0;
    boolean withTokens = false;
    for (String split : dataset.splits()) {
      try (var all = dataset.jsonRows(split)) {
        while (all.hasNext()) {
          JsonNode json = all.next();
          withTokens |= json.has(DatasetFolder.INPUT_IDS);
          RowFacts row = RowFacts.of(json);
          rows++;
          for (int r = 0; r < touched.length; r++) {
            TrainerRule rule = rules.get(r);
            int found = rule.touch().tokens(row, length.orElse(rule.defaultLength()), lossOn);
            if (found != TrainerRule.UNTOUCHED) {
              touched[r]++;
              tokens[r] += found;
              if (examples.get(r).size() < EXAMPLES) {
                examples.get(r).add(row.row().id());
              }
            }
          }
        }
      }
    }
    List<Finding> findings = new ArrayList<>();
    for (int r = 0; r < touched.length; r++) {
      TrainerRule rule = rules.get(r);
      findings.add(
          new Finding(
              rule.trainer(),
              rule.effect(),
              rule.says(),
              length.orElse(rule.defaultLength()),
              touched[r],
              tokens[r],
              List.copyOf(examples.get(r))));
    }
    return new Preflight(rows, withTokens, List.copyOf(findings));
  }
}
