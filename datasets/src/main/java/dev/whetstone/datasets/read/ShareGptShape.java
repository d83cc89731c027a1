package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code {"conversations": [{"from": "human", "value": "..."}, ...]}}. Names of speakers as in
 * LLaMA-Factory's data/README.md; {@code system} may also be a field of the row.
 */
final class ShareGptShape implements RowShape {
  @Override
  public boolean matches(JsonNode row) {
    return row.has("conversations");
  }

  @Override
  public Conversation conversation(JsonNode row) throws BrokenRowException {
    return Conversation.of("", messages(row), Fields.jsonArray(row, "tools"));
  }

  private static List<Message> messages(JsonNode row) throws BrokenRowException {
    List<Message> messages = new ArrayList<>();
    String system = Fields.text(row, "system");
    if (!system.isEmpty()) {
      messages.add(Message.of(Message.SYSTEM, system));
    }
    for (JsonNode turn : Fields.array(row, "conversations")) {
      if (turn.has("role")) {
        return MessagesShape.turns(row.get("conversations"));
      }
      String from = Fields.text(turn, "from");
      String value = Fields.text(turn, "value");
      messages.add(
          switch (from) {
            case "system" -> Message.of(Message.SYSTEM, value);
            case "human", "user" -> Message.of(Message.USER, value);
            case "gpt", "assistant", "chatgpt" -> Message.of(Message.ASSISTANT, value);
            case "observation", "tool" -> Message.of(Message.TOOL, value);
            case "function_call" -> new Message(Message.ASSISTANT, "", call(value), "", null);
            default ->
                throw new BrokenRowException(
                    "turn %d: unknown speaker \"%s\"; known: system, human, gpt, observation,"
                            .formatted(messages.size() + 1, from)
                        + " function_call");
          });
    }
    return messages;
  }

  /** One call {@code {"name", "arguments"}} or several, in OpenAI's wrapping. */
  private static String call(String value) throws BrokenRowException {
    JsonNode parsed = RowReader.parse(value);
    var calls = Json.mapper().createArrayNode();
    for (JsonNode call : parsed.isArray() ? parsed : List.of(parsed)) {
      calls.addObject().put("type", "function").set("function", call);
    }
    return Json.line(calls);
  }
}
