package dev.whetstone.datasets.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import java.util.List;

/**
 * ms-swift 4.5 (docs, Custom-dataset.md and Agent-support.md): {@code messages}, {@code
 * rejected_messages} of a pair, {@code label} for KTO, {@code tools} as JSON text. A call is a turn
 * of the role {@code tool_call}, a result one of {@code tool_response}; {@code loss} says of a turn
 * whether it is trained on, {@code loss_scale} what it counts.
 */
final class MsSwiftFormat implements ExportFormat {
  @Override
  public String key() {
    return "ms-swift";
  }

  @Override
  public String meaning() {
    return "--dataset DIR/train.jsonl --val_dataset DIR/validation.jsonl";
  }

  @Override
  public Line line(ExportRow row, LossOn lossOn) {
    ObjectNode line = Json.mapper().createObjectNode();
    line.set(DatasetFolder.MESSAGES, turns(row.messages()));
    if (row.isPair()) {
      line.set("rejected_messages", turns(row.prompt()).addAll(turns(row.rejected())));
    }
    row.label().ifPresent(label -> line.put("label", label));
    row.tools().ifPresent(tools -> line.put("tools", tools.toString()));
    return Line.of(line);
  }

  private static ArrayNode turns(List<ObjectNode> messages) {
    ArrayNode turns = Json.mapper().createArrayNode();
    for (ObjectNode message : messages) {
      String role = message.path(ExportRow.ROLE).asText();
      ObjectNode turn = turn(role.equals("tool") ? "tool_response" : role, message);
      turn.put(ExportRow.CONTENT, message.path(ExportRow.CONTENT).asText());
      List<ObjectNode> calls = ExportRow.calls(message);
      if (calls.isEmpty() || !message.path(ExportRow.CONTENT).asText().isEmpty()) {
        turns.add(turn);
      }
      for (ObjectNode call : calls) {
        turns.add(turn("tool_call", message).put(ExportRow.CONTENT, call.toString()));
      }
    }
    return turns;
  }

  private static ObjectNode turn(String role, ObjectNode message) {
    ObjectNode turn = Json.mapper().createObjectNode().put(ExportRow.ROLE, role);
    if (message.has(ExportRow.LOSS)) {
      turn.set(ExportRow.LOSS, message.get(ExportRow.LOSS));
    }
    if (message.has(ExportRow.WEIGHT)) {
      turn.set("loss_scale", message.get(ExportRow.WEIGHT));
    }
    return turn;
  }
}
