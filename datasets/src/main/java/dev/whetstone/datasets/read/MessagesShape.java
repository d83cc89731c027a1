package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;

/**
 * {@code {"messages": [{"role", "content"[, "tool_calls", ...]}, ...][, "tools"]}}, as OpenAI,
 * Bailian, TRL and ms-swift have it.
 */
final class MessagesShape implements RowShape {
  @Override
  public String name() {
    return "messages";
  }

  @Override
  public String keys() {
    return "messages";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("messages");
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    return Conversation.of(
        "",
        Prompts.joined(Prompts.system(row, "system"), Speakers.anyTurns(row, "messages")),
        Prompts.tools(row));
  }
}
