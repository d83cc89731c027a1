package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;

/** The turns before an answer, where a row has fields for them. */
final class Prompts {
  private Prompts() {}

  /**
   * System turn, history, question.
   *
   * @param system key of a text, or empty for none; so are the others
   * @param history key of pairs of question and answer
   * @param question key of the user's text
   * @param input key of a second text below it, as in LLaMA-Factory
   */
  static List<Message> of(Fields row, String system, String history, String question, String input)
      throws BrokenRowException {
    List<Message> messages = new ArrayList<>(system(row, system));
    for (JsonNode pair : row.list(history)) {
      if (pair.size() != 2 || !pair.path(0).isTextual() || !pair.path(1).isTextual()) {
        throw new BrokenRowException(
            "\"%s\": expected pairs of texts, found %s".formatted(history, pair));
      }
      messages.add(Message.of(Message.USER, pair.get(0).textValue()));
      messages.add(Message.of(Message.ASSISTANT, pair.get(1).textValue()));
    }
    String text = row.text(question);
    String below = row.text(input);
    String both = text.isEmpty() || below.isEmpty() ? text + below : text + "\n" + below;
    messages.add(Message.of(Message.USER, both));
    return messages;
  }

  /** The row's own system turn, if it has one. */
  static List<Message> system(Fields row, String key) throws BrokenRowException {
    String text = row.text(key);
    return text.isBlank() ? List.of() : List.of(Message.of(Message.SYSTEM, text));
  }

  /** Function schemas: {@code tools}, or OpenAI's older {@code functions}. */
  static String tools(Fields row) throws BrokenRowException {
    if (row.has("tools") || !row.has("functions")) {
      return row.jsonArray("tools");
    }
    String functions = row.jsonArray("functions");
    return functions.isEmpty() ? "" : Speakers.calls(row.parts(functions));
  }

  static List<Message> joined(List<Message> first, List<Message> then) {
    List<Message> turns = new ArrayList<>(first);
    turns.addAll(then);
    return turns;
  }
}
