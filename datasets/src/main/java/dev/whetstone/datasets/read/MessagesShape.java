package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;

/** {@code {"messages": [{"role", "content"[, "tool_calls"]}, ...]}}, as OpenAI and TRL have it. */
final class MessagesShape implements RowShape {
  @Override
  public boolean matches(JsonNode row) {
    return row.has("messages");
  }

  @Override
  public List<Message> messages(JsonNode row) throws BrokenRowException {
    return turns(Fields.array(row, "messages"));
  }

  /** Turns of an array of objects with {@code role} and {@code content}. */
  static List<Message> turns(JsonNode array) throws BrokenRowException {
    List<Message> messages = new ArrayList<>();
    for (JsonNode turn : array) {
      if (!turn.isObject()) {
        throw new BrokenRowException(
            "turn %d: expected an object, found %s"
                .formatted(messages.size() + 1, Fields.kind(turn)));
      }
      messages.add(
          new Message(
              role(Fields.text(turn, "role")),
              content(turn),
              Fields.jsonArray(turn, "tool_calls")));
    }
    return messages;
  }

  /** Text, or OpenAI's list of parts where all of them are text. */
  private static String content(JsonNode turn) throws BrokenRowException {
    JsonNode content = turn.path("content");
    if (!content.isArray()) {
      return Fields.text(turn, "content");
    }
    var text = new StringBuilder();
    for (JsonNode part : content) {
      if (!"text".equals(part.path("type").asText())) {
        throw new BrokenRowException(
            "\"content\": expected parts of type text, found type \"%s\""
                .formatted(part.path("type").asText()));
      }
      text.append(Fields.text(part, "text"));
    }
    return text.toString();
  }

  /** OpenAI renamed {@code system} to {@code developer}; chat templates know the old name. */
  private static String role(String role) {
    return role.equals("developer") ? Message.SYSTEM : role;
  }
}
