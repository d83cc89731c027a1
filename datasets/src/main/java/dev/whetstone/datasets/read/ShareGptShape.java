package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;

/**
 * {@code {"conversations": [{"from": "human", "value": "..."}, ...][, "system", "tools"]}}, as in
 * LLaMA-Factory's data/README.md; turns with {@code role} and {@code content} are read too.
 */
final class ShareGptShape implements RowShape {
  @Override
  public String name() {
    return "sharegpt";
  }

  @Override
  public String keys() {
    return "conversations";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("conversations");
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    return Conversation.of(
        "",
        Prompts.joined(Prompts.system(row, "system"), Speakers.anyTurns(row, "conversations")),
        Prompts.tools(row));
  }
}
