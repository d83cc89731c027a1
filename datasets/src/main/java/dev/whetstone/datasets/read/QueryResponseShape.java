package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;

/** {@code {"query", "response"[, "system", "history"]}}, as ms-swift has it. */
final class QueryResponseShape implements RowShape {
  @Override
  public String name() {
    return "query-response";
  }

  @Override
  public String keys() {
    return "query and response";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("query", "response");
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    return Conversation.of(
        "",
        Prompts.joined(
            Prompts.of(row, "system", "history", "query", ""),
            Speakers.side(row, "response", Message.ASSISTANT)),
        Prompts.tools(row));
  }
}
