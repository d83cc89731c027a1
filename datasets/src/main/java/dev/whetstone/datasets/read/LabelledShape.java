package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.List;

/**
 * A conversation of another shape whose answer is said to be good or bad, for KTO: {@code label} as
 * TRL and ms-swift have it, {@code kto_tag} as LLaMA-Factory has it. What stands after the last
 * turn of the user is the answer.
 */
final class LabelledShape implements RowShape {
  private static final List<String> LABELS = List.of("label", "kto_tag");

  @Override
  public String name() {
    return "kto";
  }

  @Override
  public String keys() {
    return "prompt, completion and label, or another conversation with label or kto_tag";
  }

  /** A {@code label} that does not say true or false is the name of a class, not of interest. */
  @Override
  public boolean matches(Fields row) {
    return LABELS.stream().anyMatch(row::isFlag) && RowReader.plain(row).isPresent();
  }

  @Override
  public boolean isReadable(Fields row) {
    return LABELS.stream().anyMatch(row::has) && RowReader.plain(row).isPresent();
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    for (String key : LABELS) {
      if (row.has(key)) {
        Conversation conversation = RowReader.plainConversation(row);
        return labelled(conversation, row.flag(key), promptTurns(conversation.messages()));
      }
    }
    throw new BrokenRowException("expected \"label\" or \"kto_tag\", found neither");
  }

  static int promptTurns(List<Message> turns) {
    int answer = turns.size();
    while (answer > 0 && !turns.get(answer - 1).role().equals(Message.USER)) {
      answer--;
    }
    return answer;
  }

  static Conversation labelled(Conversation row, boolean label, int answer) {
    List<Message> turns = row.messages();
    return Conversation.labelled(
        turns.subList(0, answer), turns.subList(answer, turns.size()), label, row.tools());
  }
}
