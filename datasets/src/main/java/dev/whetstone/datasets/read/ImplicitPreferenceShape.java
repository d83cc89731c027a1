package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code {"chosen", "rejected"}}, whole conversations that begin alike: lists of messages, or texts
 * with the marks {@code Human:} and {@code Assistant:} of Anthropic's HH-RLHF.
 */
final class ImplicitPreferenceShape implements RowShape {
  private static final Pattern MARK = Pattern.compile("(?:^|\\n\\n)(Human|Assistant):");

  @Override
  public String name() {
    return "preference-implicit";
  }

  @Override
  public String keys() {
    return "chosen and rejected";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has("chosen", "rejected");
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    return Pairs.ofWhole(whole(row, "chosen"), whole(row, "rejected"), Prompts.tools(row));
  }

  private static List<Message> whole(Fields row, String key) throws BrokenRowException {
    return row.get(key).isTextual()
        ? dialogue(row.text(key), key)
        : Speakers.side(row, key, Message.ASSISTANT);
  }

  private static List<Message> dialogue(String text, String key) throws BrokenRowException {
    List<Message> turns = new ArrayList<>();
    Matcher mark = MARK.matcher(text);
    int start = -1;
    String role = "";
    while (mark.find()) {
      if (start >= 0) {
        turns.add(Message.of(role, text.substring(start, mark.start()).strip()));
      } else if (!text.substring(0, mark.start()).isBlank()) {
        break;
      }
      role = mark.group(1).equals("Human") ? Message.USER : Message.ASSISTANT;
      start = mark.end();
    }
    if (start < 0) {
      throw new BrokenRowException(
          "\"%s\": expected a list of messages, or a text that begins with Human:, since no field has the prompt"
              .formatted(key));
    }
    turns.add(Message.of(role, text.substring(start).strip()));
    return turns;
  }
}
