package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code {"instruction", "input", "output"[, "system", "history": [[question, answer], ...]]}}. The
 * user's turn is instruction and input with a line break between, as in LLaMA-Factory.
 */
final class AlpacaShape implements RowShape {
  @Override
  public boolean matches(JsonNode row) {
    return row.has("instruction") && row.has("output");
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
    if (row.hasNonNull("history")) {
      for (JsonNode pair : Fields.array(row, "history")) {
        if (pair.size() != 2 || !pair.path(0).isTextual() || !pair.path(1).isTextual()) {
          throw new BrokenRowException("\"history\": expected pairs of texts, found " + pair);
        }
        messages.add(Message.of(Message.USER, pair.get(0).textValue()));
        messages.add(Message.of(Message.ASSISTANT, pair.get(1).textValue()));
      }
    }
    String input = Fields.text(row, "input");
    String instruction = Fields.text(row, "instruction");
    messages.add(
        Message.of(
            Message.USER,
            input.isEmpty()
                ? instruction
                : instruction.isEmpty() ? input : instruction + "\n" + input));
    messages.add(Message.of(Message.ASSISTANT, Fields.text(row, "output")));
    return messages;
  }
}
