package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.List;

/**
 * {@code {"messages", "rejected", "prompt_turns"}}: the pairs of a dataset that {@code prepare}
 * wrote.
 */
final class PreparedPreferenceShape implements RowShape {
  @Override
  public String name() {
    return "prepared-preference";
  }

  @Override
  public String keys() {
    return "messages, rejected and prompt_turns";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("messages", "rejected", "prompt_turns");
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    List<Message> turns = Speakers.anyTurns(row, "messages");
    int prompt = row.count("prompt_turns");
    if (prompt > turns.size()) {
      throw new BrokenRowException(
          "\"prompt_turns\": expected at most the %d turns of messages, found %d"
              .formatted(turns.size(), prompt));
    }
    return Conversation.pair(
        turns.subList(0, prompt),
        turns.subList(prompt, turns.size()),
        Speakers.side(row, "rejected", Message.ASSISTANT),
        Prompts.tools(row));
  }
}
