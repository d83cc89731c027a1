package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.List;

/**
 * {@code {"messages": [...], "chosen": {"role", "content"}, "rejected": {...}}}, as Bailian (Model
 * Studio) has it for DPO; LLaMA-Factory has the same with {@code conversations}.
 */
final class BailianPreferenceShape implements RowShape {
  @Override
  public String name() {
    return "bailian-preference";
  }

  @Override
  public String keys() {
    return "messages, chosen and rejected";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("chosen", "rejected") && (row.has("messages") || row.has("conversations"));
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    String turns = row.has("messages") ? "messages" : "conversations";
    List<Message> prompt =
        Prompts.joined(Prompts.system(row, "system"), Speakers.anyTurns(row, turns));
    return Pairs.of(prompt, row, "chosen", "rejected");
  }
}
