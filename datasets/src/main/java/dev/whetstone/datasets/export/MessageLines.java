package dev.whetstone.datasets.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A dataset as JSON Lines of messages, one file a split, tools and tool calls as JSON again. */
public final class MessageLines {
  private MessageLines() {}

  /** Writes {@code <split>.jsonl} for every split. */
  public static void write(DatasetFolder dataset, Path folder, boolean overwrite) {
    try {
      Files.createDirectories(folder);
      for (String split : dataset.splits()) {
        Path file = folder.resolve(split + ".jsonl");
        if (Files.exists(file) && !overwrite) {
          throw new BadInputException(
              file + ": there already; choose another --out or pass --overwrite.");
        }
        Path beside = file.resolveSibling(file.getFileName() + ".tmp");
        long rows = 0;
        try (BufferedWriter out = Files.newBufferedWriter(beside);
            var all = dataset.jsonRows(split)) {
          while (all.hasNext()) {
            out.write(Json.line(row(all.next())));
            out.write('\n');
            rows++;
          }
        }
        Files.move(
            beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        System.err.printf("export: %s: %,d rows%n", file, rows);
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }

  private static ObjectNode row(JsonNode row) throws JsonProcessingException {
    ObjectNode line = Json.mapper().createObjectNode();
    line.set(DatasetFolder.ID, row.get(DatasetFolder.ID));
    turns(row, DatasetFolder.MESSAGES, line);
    if (row.has("rejected")) {
      turns(row, "rejected", line);
    }
    for (String key : List.of("label", "prompt_turns")) {
      if (row.hasNonNull(key)) {
        line.set(key, row.get(key));
      }
    }
    parsed(row, "tools", line);
    return line;
  }

  private static void turns(JsonNode row, String key, ObjectNode line)
      throws JsonProcessingException {
    var turns = line.putArray(key);
    for (JsonNode message : row.path(key)) {
      ObjectNode turn = turns.addObject();
      turn.set("role", message.get("role"));
      turn.set("content", message.get("content"));
      parsed(message, "tool_calls", turn);
      if (message.path("extra").isTextual()) {
        turn.setAll((ObjectNode) Json.mapper().readTree(message.get("extra").textValue()));
      }
      if (message.path("loss").isBoolean()) {
        turn.set("loss", message.get("loss"));
      }
    }
  }

  private static void parsed(JsonNode from, String key, ObjectNode to)
      throws JsonProcessingException {
    if (from.path(key).isTextual()) {
      to.set(key, Json.mapper().readTree(from.get(key).textValue()));
    }
  }
}
