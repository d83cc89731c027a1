package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;

/** {@code {"prompt", "chosen", "rejected"}}, each text or a list of messages, as TRL has it. */
final class PreferenceShape implements RowShape {
  @Override
  public boolean matches(JsonNode row) {
    return row.has("prompt") && row.has("chosen") && row.has("rejected");
  }

  @Override
  public Conversation conversation(JsonNode row) throws BrokenRowException {
    return Conversation.pair(
        PromptCompletionShape.side(row, "prompt", Message.USER),
        PromptCompletionShape.side(row, "chosen", Message.ASSISTANT),
        PromptCompletionShape.side(row, "rejected", Message.ASSISTANT),
        Fields.jsonArray(row, "tools"));
  }
}
