package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;

/** {@code {"prompt", "completion"}}, each text or a list of messages, as TRL has it. */
final class PromptCompletionShape implements RowShape {
  @Override
  public String name() {
    return "prompt-completion";
  }

  @Override
  public String keys() {
    return "prompt and completion";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("prompt", "completion");
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    return Conversation.of(
        "",
        Prompts.joined(
            Prompts.joined(
                Prompts.system(row, "system"), Speakers.side(row, "prompt", Message.USER)),
            Speakers.side(row, "completion", Message.ASSISTANT)),
        Prompts.tools(row));
  }
}
