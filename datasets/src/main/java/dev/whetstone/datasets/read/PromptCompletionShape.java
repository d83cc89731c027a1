package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;

/** {@code {"prompt", "completion"}}, each text or a list of messages, as TRL has it. */
final class PromptCompletionShape implements RowShape {
  @Override
  public boolean matches(JsonNode row) {
    return row.has("prompt") && row.has("completion");
  }

  @Override
  public Conversation conversation(JsonNode row) throws BrokenRowException {
    return Conversation.of("", messages(row), Fields.jsonArray(row, "tools"));
  }

  private static List<Message> messages(JsonNode row) throws BrokenRowException {
    List<Message> messages = new ArrayList<>(side(row, "prompt", Message.USER));
    messages.addAll(side(row, "completion", Message.ASSISTANT));
    return messages;
  }

  /** Text as a turn of {@code role}, or the turns that stand there. */
  static List<Message> side(JsonNode row, String key, String role) throws BrokenRowException {
    return row.get(key).isArray()
        ? MessagesShape.turns(row.get(key))
        : List.of(Message.of(role, Fields.text(row, key)));
  }
}
