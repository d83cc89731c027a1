package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;

/**
 * {@code {"instruction", "input", "output"[, "system", "history": [[question, answer], ...]]}}. The
 * user's turn is instruction and input with a line break between, as in LLaMA-Factory.
 */
final class AlpacaShape implements RowShape {
  @Override
  public String name() {
    return "alpaca";
  }

  @Override
  public String keys() {
    return "instruction and output";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("instruction", "output");
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    return Conversation.of(
        "",
        Prompts.joined(
            Prompts.of(row, "system", "history", "instruction", "input"),
            Speakers.side(row, "output", Message.ASSISTANT)),
        Prompts.tools(row));
  }
}
