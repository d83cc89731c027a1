package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** {@code {"messages": [{"role", "content"[, "tool_calls"]}, ...]}}, as OpenAI and TRL have it. */
final class MessagesShape implements RowShape {
  /** Keys of a message that are fields of {@link Message}; all others are its extra. */
  private static final Set<String> KNOWN = Set.of("role", "content", "tool_calls", "loss");

  @Override
  public boolean matches(JsonNode row) {
    return row.has("messages");
  }

  @Override
  public Conversation conversation(JsonNode row) throws BrokenRowException {
    return Conversation.of("", messages(row), Fields.jsonArray(row, "tools"));
  }

  private static List<Message> messages(JsonNode row) throws BrokenRowException {
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
              Fields.jsonArray(turn, "tool_calls"),
              extra(turn),
              Fields.flag(turn, "loss")));
    }
    return messages;
  }

  private static String extra(JsonNode turn) {
    ObjectNode extra = turn.deepCopy();
    extra.remove(KNOWN);
    extra.properties().removeIf(entry -> entry.getValue().isNull());
    return extra.isEmpty() ? "" : Json.line(extra);
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
