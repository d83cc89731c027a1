package dev.whetstone.training.loop;

import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import java.util.ArrayList;
import java.util.List;

/** Answers laid end to end: as many groups of them as fit a length, in order. */
final class AnswerRows {
  private AnswerRows() {}

  /** A prompt with an answer. Labels are -100 but for what is learned. */
  record Answer(int[] tokens, int[] labels) {
    /** What comes before the first target. */
    int promptLength() {
      int at = 0;
      while (at < labels.length && labels[at] == DatasetFolder.IGNORED) {
        at++;
      }
      return at;
    }

    PackedRow alone() {
      return new PackedRow(tokens, labels, new int[] {tokens.length});
    }

    int targets() {
      int targets = 0;
      for (int i = 1; i < labels.length; i++) {
        targets += labels[i] == DatasetFolder.IGNORED ? 0 : 1;
      }
      return targets;
    }
  }

  /**
   * Some groups in one row.
   *
   * @param first group
   * @param count of groups
   */
  record Row(int first, int count, PackedRow packed) {}

  /**
   * Packs groups of answers that must stay together.
   *
   * @param length tokens that a row should hold at most; a longer group has a row of its own
   */
  static List<Row> pack(List<List<Answer>> groups, int length) {
    var rows = new ArrayList<Row>();
    var held = new ArrayList<Answer>();
    int first = 0;
    int tokens = 0;
    for (int group = 0; group < groups.size(); group++) {
      int more = groups.get(group).stream().mapToInt(answer -> answer.tokens.length).sum();
      if (tokens > 0 && tokens + more > length) {
        rows.add(new Row(first, group - first, join(held)));
        held.clear();
        first = group;
        tokens = 0;
      }
      held.addAll(groups.get(group));
      tokens += more;
    }
    if (!held.isEmpty()) {
      rows.add(new Row(first, groups.size() - first, join(held)));
    }
    return rows;
  }

  private static PackedRow join(List<Answer> answers) {
    int total = answers.stream().mapToInt(answer -> answer.tokens.length).sum();
    int[] tokens = new int[total];
    int[] labels = new int[total];
    int[] lengths = new int[answers.size()];
    int at = 0;
    for (int i = 0; i < lengths.length; i++) {
      Answer answer = answers.get(i);
      lengths[i] = answer.tokens.length;
      System.arraycopy(answer.tokens, 0, tokens, at, lengths[i]);
      System.arraycopy(answer.labels, 0, labels, at, lengths[i]);
      at += lengths[i];
    }
    return new PackedRow(tokens, labels, lengths);
  }

  /** Summed log-probabilities of each answer of a row. */
  static double[] logProbs(PackedRow row, double[] nats) {
    int[] counts = row.targetsOfDocuments();
    double[] sums = new double[counts.length];
    int at = 0;
    for (int document = 0; document < counts.length; document++) {
      for (int i = 0; i < counts[document]; i++) {
        sums[document] -= nats[at++];
      }
    }
    return sums;
  }

  /** One slope for all targets of an answer: along its summed log-probability, so minus nats. */
  static double[] weights(PackedRow row, double[] slopes) {
    int[] counts = row.targetsOfDocuments();
    double[] weights = new double[java.util.Arrays.stream(counts).sum()];
    int at = 0;
    for (int document = 0; document < counts.length; document++) {
      for (int i = 0; i < counts[document]; i++) {
        weights[at++] = -slopes[document];
      }
    }
    return weights;
  }
}
