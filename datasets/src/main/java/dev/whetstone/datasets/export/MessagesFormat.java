package dev.whetstone.datasets.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import java.util.List;

/** All that a row holds, tools and tool calls as JSON; {@code prepare} reads it again. */
final class MessagesFormat implements ExportFormat {
  @Override
  public String key() {
    return "messages";
  }

  @Override
  public String meaning() {
    return "id, messages, tools and what else a row holds, one JSON object a line";
  }

  @Override
  public Line line(ExportRow row, LossOn lossOn) {
    ObjectNode line = Json.mapper().createObjectNode();
    line.put(DatasetFolder.ID, row.id());
    if (row.isPair() || row.label().isPresent()) {
      put(line, "prompt", row.prompt());
      put(line, row.isPair() ? "chosen" : "completion", row.answer());
    } else {
      put(line, DatasetFolder.MESSAGES, row.messages());
    }
    if (row.isPair()) {
      put(line, "rejected", row.rejected());
    }
    row.label().ifPresent(label -> line.put("label", label));
    row.tools().ifPresent(tools -> line.set("tools", tools));
    return Line.of(line);
  }

  private static void put(ObjectNode line, String key, List<ObjectNode> turns) {
    line.putArray(key).addAll(turns);
  }
}
