package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.List;

/** A chosen and a rejected answer, however they stand in a row. */
final class Pairs {
  private Pairs() {}

  /**
   * The pair in the fields {@code chosen} and {@code rejected}: answers to {@code prompt}, or,
   * where they begin with a system or user turn, whole conversations, which tell the prompt
   * themselves.
   */
  static Conversation of(List<Message> prompt, Fields row, String chosen, String rejected)
      throws BrokenRowException {
    List<Message> good = Speakers.side(row, chosen, Message.ASSISTANT);
    List<Message> bad = Speakers.side(row, rejected, Message.ASSISTANT);
    String tools = Prompts.tools(row);
    return isWhole(good) && isWhole(bad)
        ? ofWhole(good, bad, tools)
        : Conversation.pair(prompt, good, bad, tools);
  }

  private static boolean isWhole(List<Message> turns) {
    return !turns.isEmpty()
        && (turns.get(0).role().equals(Message.SYSTEM) || turns.get(0).role().equals(Message.USER));
  }

  /**
   * Two whole conversations: the turns that they begin with alike are the prompt, but never a last
   * turn, so that equal ones are a pair without a difference, not one without answers.
   */
  static Conversation ofWhole(List<Message> chosen, List<Message> rejected, String tools)
      throws BrokenRowException {
    int most = Math.min(chosen.size(), rejected.size()) - 1;
    int shared = 0;
    while (shared < most && chosen.get(shared).equals(rejected.get(shared))) {
      shared++;
    }
    if (shared == 0) {
      throw new BrokenRowException(
          "expected chosen and rejected to begin with the same turns, the prompt; found none");
    }
    return Conversation.pair(
        chosen.subList(0, shared),
        chosen.subList(shared, chosen.size()),
        rejected.subList(shared, rejected.size()),
        tools);
  }
}
