package dev.whetstone.datasets.preflight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.export.ExportRow;

/**
 * A row as the rules look at it.
 *
 * @param labels of the conversation, of a pair's chosen side, [T]; empty without a model
 * @param rejectedTokens of a pair's other side; 0 without one
 */
record RowFacts(ExportRow row, int[] labels, int rejectedTokens) {
  static RowFacts of(JsonNode row) {
    JsonNode labels = row.path(DatasetFolder.LABELS);
    int[] values = new int[labels.size()];
    for (int t = 0; t < values.length; t++) {
      values[t] = labels.get(t).intValue();
    }
    return new RowFacts(ExportRow.of(row), values, row.path("rejected_input_ids").size());
  }

  boolean isConversation() {
    return !row.isPair() && row.label().isEmpty();
  }

  int tokens() {
    return labels.length;
  }

  /** Targets among the first tokens. */
  int targets(int within) {
    int targets = 0;
    for (int t = 0; t < Math.min(within, labels.length); t++) {
      targets += labels[t] == DatasetFolder.IGNORED ? 0 : 1;
    }
    return targets;
  }

  int answers() {
    return (int) row.messages().stream().filter(turn -> isAnswer(turn)).count();
  }

  /** Whether an answer is not trained on, or counts more or less than another. */
  boolean saysWhatTurnsCount() {
    return row.isWeighted()
        || row.messages().stream()
            .anyMatch(turn -> isAnswer(turn) && !turn.path(ExportRow.LOSS).asBoolean(true));
  }

  private static boolean isAnswer(ObjectNode turn) {
    return turn.path(ExportRow.ROLE).asText().equals("assistant");
  }
}
