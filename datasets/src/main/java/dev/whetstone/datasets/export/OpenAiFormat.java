package dev.whetstone.datasets.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * OpenAI's fine-tuning files (platform.openai.com, guides on supervised and preference
 * fine-tuning): {@code messages} with {@code weight} 0 for an answer that is not learned, {@code
 * input, preferred_output, non_preferred_output} of a pair. Arguments of calls are JSON text, and
 * every call has an id that its result names.
 */
final class OpenAiFormat implements ExportFormat {
  @Override
  public String key() {
    return "openai";
  }

  @Override
  public String meaning() {
    return "files for OpenAI's fine-tuning, supervised or by preference";
  }

  @Override
  public Line line(ExportRow row, LossOn lossOn) {
    if (row.label().isPresent()) {
      return Line.leftOut("a labelled answer, where OpenAI takes conversations and pairs");
    }
    if (row.isWeighted() && !row.isPair()) {
      return Line.leftOut("a message that counts neither 0 nor 1, where OpenAI knows these two");
    }
    ObjectNode line = Json.mapper().createObjectNode();
    ObjectNode input = row.isPair() ? line.putObject("input") : line;
    if (row.isPair()) {
      input.set(DatasetFolder.MESSAGES, turns(row.prompt()));
      line.set("preferred_output", turns(row.answer()));
      line.set("non_preferred_output", turns(row.rejected()));
    } else {
      input.set(DatasetFolder.MESSAGES, weighted(row.messages(), lossOn == LossOn.COMPLETION));
    }
    row.tools().ifPresent(tools -> input.set("tools", tools));
    return Line.of(line);
  }

  private static ArrayNode weighted(List<ObjectNode> messages, boolean lastOnly) {
    ArrayNode turns = turns(messages);
    for (int i = 0; i < messages.size(); i++) {
      JsonNode said = messages.get(i).path(ExportRow.LOSS);
      boolean learned =
          said.isBoolean() ? said.booleanValue() : !lastOnly || i == messages.size() - 1;
      if (!learned && role(messages.get(i)).equals("assistant")) {
        ((ObjectNode) turns.get(i)).put("weight", 0);
      }
    }
    return turns;
  }

  private static ArrayNode turns(List<ObjectNode> messages) {
    ArrayNode turns = ExportRow.array(messages);
    Deque<String> open = new ArrayDeque<>();
    int calls = 0;
    for (JsonNode turn : turns) {
      for (JsonNode call : turn.path(ExportRow.TOOL_CALLS)) {
        ObjectNode object = (ObjectNode) call;
        if (!object.has("function")) {
          ObjectNode function = object.deepCopy();
          object.removeAll();
          object.set("function", function);
        }
        object.put("type", "function");
        if (!object.path("id").isTextual()) {
          object.put("id", "call_" + calls);
        }
        calls++;
        open.add(object.get("id").textValue());
        JsonNode arguments = object.path("function").path("arguments");
        if (!arguments.isTextual()) {
          ((ObjectNode) object.get("function")).put("arguments", arguments.toString());
        }
      }
      if (role(turn).equals("tool") && !turn.path("tool_call_id").isTextual() && !open.isEmpty()) {
        ((ObjectNode) turn).put("tool_call_id", open.peek());
      }
      if (role(turn).equals("tool")) {
        open.remove(turn.path("tool_call_id").asText());
      }
    }
    return turns;
  }

  private static String role(JsonNode turn) {
    return turn.path(ExportRow.ROLE).asText();
  }
}
