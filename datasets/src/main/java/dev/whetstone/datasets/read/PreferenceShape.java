package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code {"prompt", "chosen", "rejected"}}, each text or a list of messages, as TRL has it; {@code
 * question} or {@code instruction} and {@code input} may stand for the prompt, {@code system} and
 * {@code history} beside it.
 */
final class PreferenceShape implements RowShape {
  @Override
  public String name() {
    return "preference";
  }

  @Override
  public String keys() {
    return "prompt, chosen and rejected";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("chosen", "rejected")
        && (row.has("prompt") || row.has("question") || row.has("instruction"));
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    List<Message> prompt = new ArrayList<>();
    if (row.has("prompt")) {
      prompt.addAll(Prompts.system(row, "system"));
      prompt.addAll(Speakers.side(row, "prompt", Message.USER));
    } else {
      String question = row.has("question") ? "question" : "instruction";
      prompt.addAll(Prompts.of(row, "system", "history", question, "input"));
    }
    return Pairs.of(prompt, row, "chosen", "rejected");
  }
}
