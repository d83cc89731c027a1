package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;

/** {@code {"prompt", "completion", "label"}}, as TRL has it for KTO. */
final class LabelledShape implements RowShape {
  @Override
  public boolean matches(JsonNode row) {
    return row.has("prompt") && row.has("completion") && row.hasNonNull("label");
  }

  @Override
  public Conversation conversation(JsonNode row) throws BrokenRowException {
    return Conversation.labelled(
        PromptCompletionShape.side(row, "prompt", Message.USER),
        PromptCompletionShape.side(row, "completion", Message.ASSISTANT),
        Fields.flag(row, "label"),
        Fields.jsonArray(row, "tools"));
  }
}
