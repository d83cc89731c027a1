package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.List;

/**
 * {@code {"input": {"messages"[, "tools"]}, "preferred_output": [...], "non_preferred_output":
 * [...]}}, as OpenAI has it for DPO. {@code parallel_tool_calls} is a setting of their API, not of
 * the conversation.
 */
final class OpenAiPreferenceShape implements RowShape {
  @Override
  public String name() {
    return "openai-preference";
  }

  @Override
  public String keys() {
    return "input, preferred_output and non_preferred_output";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("input", "preferred_output", "non_preferred_output");
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    Fields input = row.object("input");
    List<Message> prompt = Speakers.anyTurns(input, "messages");
    return Conversation.pair(
        prompt,
        Speakers.side(row, "preferred_output", Message.ASSISTANT),
        Speakers.side(row, "non_preferred_output", Message.ASSISTANT),
        Prompts.tools(input));
  }
}
