package dev.whetstone.artifacts.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.dataset.DatasetFolder;

/**
 * One row of a dataset, for people to look at.
 *
 * @param row index within its split, from 0
 * @param values every column
 */
record RowView(String split, long row, JsonNode values) {
  String text() {
    var text = new StringBuilder();
    text.append("row %d of %s%n".formatted(row, split));
    values
        .properties()
        .forEach(
            column -> {
              switch (column.getKey()) {
                case DatasetFolder.MESSAGES -> messages(text, column.getValue());
                case DatasetFolder.INPUT_IDS -> tokens(text, column.getValue());
                case DatasetFolder.LABELS -> {} // shown with the tokens
                case "scores" -> scores(text, column.getValue());
                default ->
                    text.append("  %s  %s%n".formatted(column.getKey(), plain(column.getValue())));
              }
            });
    return text.toString();
  }

  /** One a line; those that judge no such text are left out. */
  private static void scores(StringBuilder text, JsonNode scores) {
    text.append("  scores%n".formatted());
    scores.properties().stream()
        .filter(score -> !score.getValue().isNull())
        .forEach(score -> text.append("    %s  %s%n".formatted(score.getKey(), score.getValue())));
  }

  private static void messages(StringBuilder text, JsonNode messages) {
    for (JsonNode message : messages) {
      text.append(
          "%n[%s]%n%s%n".formatted(message.path("role").asText(), plain(message.path("content"))));
      message
          .properties()
          .forEach(
              part -> {
                boolean shown = part.getKey().equals("role") || part.getKey().equals("content");
                if (!shown && !part.getValue().isNull()) {
                  text.append("%s: %s%n".formatted(part.getKey(), plain(part.getValue())));
                }
              });
    }
    text.append('\n');
  }

  /** Token ids, a line for each run of targets or of what is not learned. */
  private void tokens(StringBuilder text, JsonNode inputIds) {
    JsonNode labels = values.path(DatasetFolder.LABELS);
    int targets = 0;
    var runs = new StringBuilder();
    for (int i = 0; i < inputIds.size(); i++) {
      boolean target = labels.path(i).asInt(DatasetFolder.IGNORED) != DatasetFolder.IGNORED;
      targets += target ? 1 : 0;
      boolean before =
          i > 0 && labels.path(i - 1).asInt(DatasetFolder.IGNORED) != DatasetFolder.IGNORED;
      if (i == 0 || target != before) {
        runs.append(i == 0 ? "" : "\n").append(target ? "    target " : "    given  ");
      }
      runs.append(' ').append(inputIds.path(i).asInt());
    }
    text.append("  %d tokens, %d of them targets%n%s%n".formatted(inputIds.size(), targets, runs));
  }

  private static String plain(JsonNode value) {
    return value.isTextual() ? value.textValue() : value.toString();
  }
}
