package dev.whetstone.artifacts.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.JsonLines;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of the rows with an id, for people to look at. Several rows may have one id: copies
 * often keep it.
 *
 * @param kept rows in the dataset, with all their columns
 * @param dropped rows that were kept aside, as they stand in {@code dropped/}
 * @param duplicates other rows of the clusters that these rows are in, those first that stay
 */
record RowFate(String id, List<RowView> kept, List<JsonNode> dropped, List<JsonNode> duplicates) {
  private static final int DUPLICATES_SHOWN = 10;

  /**
   * Looks for the rows.
   *
   * @throws BadInputException if the dataset was made of no such row
   */
  static RowFate find(DatasetFolder dataset, String id) {
    List<RowView> kept = new ArrayList<>();
    for (String split : dataset.splits()) {
      try (var rows = dataset.jsonRows(split);
          var progress = Progress.quiet("look for " + id, dataset.rowCount(split))) {
        for (long row = 0; rows.hasNext(); row++) {
          JsonNode values = rows.next();
          if (values.path(DatasetFolder.ID).asText().equals(id)) {
            kept.add(new RowView(split, row, values));
          }
          progress.add(1);
        }
      }
    }
    List<JsonNode> dropped = new ArrayList<>();
    dataset
        .droppedFiles()
        .forEach(
            file ->
                JsonLines.forEach(
                    file,
                    JsonNode.class,
                    row -> {
                      if (row.path(DatasetFolder.ID).asText().equals(id)) {
                        dropped.add(row);
                      }
                    }));
    if (kept.isEmpty() && dropped.isEmpty()) {
      throw new BadInputException(
          "%s: has no row with id \"%s\", neither kept (%s) nor dropped; ids are those of the sources, or row- and a hash where those have none."
              .formatted(dataset.path(), id, String.join(", ", dataset.splits())));
    }
    return new RowFate(id, kept, dropped, duplicates(dataset, id));
  }

  /** Lines of one cluster stand together: those of the current one are held until it ends. */
  private static List<JsonNode> duplicates(DatasetFolder dataset, String id) {
    List<JsonNode> found = new ArrayList<>();
    List<JsonNode> cluster = new ArrayList<>();
    dataset
        .clusterFile()
        .ifPresent(
            file ->
                JsonLines.forEach(
                    file,
                    JsonNode.class,
                    row -> {
                      // The row that stays stands first in its cluster.
                      if (row.path("stays").asBoolean()) {
                        addOthers(cluster, id, found);
                        cluster.clear();
                      }
                      cluster.add(row);
                    }));
    addOthers(cluster, id, found);
    return found;
  }

  private static void addOthers(List<JsonNode> cluster, String id, List<JsonNode> found) {
    if (cluster.stream().anyMatch(row -> row.path(DatasetFolder.ID).asText().equals(id))) {
      cluster.stream()
          .filter(row -> !row.path(DatasetFolder.ID).asText().equals(id))
          .forEach(found::add);
    }
  }

  String text() {
    var text = new StringBuilder();
    kept.forEach(row -> text.append("kept: ").append(row.text()));
    for (JsonNode row : dropped) {
      text.append(
          "dropped for %s: %s%n  source  %s, line %d%n%n%s%n%n"
              .formatted(
                  row.path("reason").asText(),
                  row.path("detail").asText(),
                  row.path("source").asText(),
                  row.path("line").asLong(),
                  row.path("text").asText()));
    }
    if (!duplicates.isEmpty()) {
      JsonNode first = duplicates.get(0);
      text.append(
          "in a cluster of %d duplicates, diameter %.3f:%n"
              .formatted(first.path("size").asLong(), first.path("diameter").asDouble()));
      duplicates.stream()
          .limit(DUPLICATES_SHOWN)
          .forEach(
              row ->
                  text.append(
                      "  %s  %s (%s, line %d), Jaccard %.3f with %s%n"
                          .formatted(
                              row.path("stays").asBoolean() ? "stays" : "goes ",
                              row.path("id").asText(),
                              row.path("source").asText(),
                              row.path("line").asLong(),
                              row.path("jaccard").asDouble(),
                              row.path("cluster").asText())));
      if (duplicates.size() > DUPLICATES_SHOWN) {
        text.append("  and %d more%n".formatted(duplicates.size() - DUPLICATES_SHOWN));
      }
    }
    return text.toString();
  }
}
