package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.List;

/**
 * A conversation of another shape, the chosen one, beside {@code rejected_response}, the last turn
 * that was worse, or {@code rejected_messages}, the whole conversation that was worse, as ms-swift
 * has it (docs, Custom-dataset.md).
 */
final class SwiftPreferenceShape implements RowShape {
  @Override
  public String name() {
    return "swift-preference";
  }

  @Override
  public String keys() {
    return "messages and rejected_response or rejected_messages";
  }

  @Override
  public boolean matches(Fields row) {
    boolean rejected = row.has("rejected_response") || row.has("rejected_messages");
    return rejected && RowReader.plain(row).isPresent();
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    Conversation chosen = RowReader.plainConversation(row);
    List<Message> turns = chosen.messages();
    if (turns.isEmpty()) {
      throw new BrokenRowException("expected turns beside the rejected ones, found none");
    }
    if (row.has("rejected_messages")) {
      List<Message> rejected =
          Prompts.joined(
              Prompts.system(row, "system"), Speakers.anyTurns(row, "rejected_messages"));
      return Pairs.ofWhole(turns, rejected, chosen.tools());
    }
    int last = turns.size() - 1;
    return Conversation.pair(
        turns.subList(0, last),
        turns.subList(last, turns.size()),
        Speakers.side(row, "rejected_response", Message.ASSISTANT),
        chosen.tools());
  }
}
