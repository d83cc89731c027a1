package dev.whetstone.datasets.rows;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.ContentHash;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A row in the one shape that all source formats are turned into.
 *
 * @param id the row's own id, else one derived from its content
 * @param messages turns in order
 * @param tools a JSON array of function schemas as text, empty for none
 */
public record Conversation(String id, List<Message> messages, String tools) {
  public Conversation {
    requireNonNull(id, "id is null");
    messages = List.copyOf(messages);
    requireNonNull(tools, "tools is null");
  }

  public Conversation withMessages(List<Message> changed) {
    return new Conversation(id, changed, tools);
  }

  /**
   * Hash of what the row teaches: turns and tools, not its id or where it came from. The order of
   * rows, the split and the content of the dataset are made of it.
   */
  public String content() {
    var hash = ContentHash.of("conversation/1").add(tools).add(messages.size());
    messages.forEach(m -> hash.add(m.role()).add(m.content()).add(m.toolCalls()));
    return hash.finish();
  }

  /** All turns as a person reads them, {@code role: content} each, a blank line between. */
  public String text() {
    return messages.stream()
        .map(
            m -> {
              String calls = m.toolCalls().isEmpty() ? "" : " " + m.toolCalls();
              return m.role() + ": " + m.content() + calls;
            })
        .collect(Collectors.joining("\n\n"));
  }
}
