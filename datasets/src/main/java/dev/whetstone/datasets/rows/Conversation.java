package dev.whetstone.datasets.rows;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.ContentHash;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A row in the one shape that all source formats are turned into.
 *
 * @param id the row's own id, else one derived from its content
 * @param messages turns in order; of a pair, the prompt and the chosen answer
 * @param tools a JSON array of function schemas as text, empty for none
 * @param rejected of a pair, the turns in the place of the chosen ones; else empty
 * @param label whether the answer is a good one (KTO); null: nobody said
 * @param promptTurns turns at the head of {@code messages} that the chosen and the rejected, or the
 *     labelled, answer follows; 0 for rows with neither
 */
public record Conversation(
    String id,
    List<Message> messages,
    String tools,
    List<Message> rejected,
    Boolean label,
    int promptTurns) {

  public Conversation {
    requireNonNull(id, "id is null");
    messages = List.copyOf(messages);
    requireNonNull(tools, "tools is null");
    rejected = List.copyOf(rejected);
    if (!rejected.isEmpty() && label != null) {
      throw new IllegalArgumentException("a row is a pair or has a label, not both");
    }
    boolean answers = !rejected.isEmpty() || label != null;
    if (answers ? promptTurns < 0 || promptTurns > messages.size() : promptTurns != 0) {
      throw new IllegalArgumentException(
          "%d turns of prompt, %d turns".formatted(promptTurns, messages.size()));
    }
  }

  /** A conversation to learn from as it stands. */
  public static Conversation of(String id, List<Message> messages, String tools) {
    return new Conversation(id, messages, tools, List.of(), null, 0);
  }

  /** A chosen and a rejected answer to one prompt. */
  public static Conversation pair(
      List<Message> prompt, List<Message> chosen, List<Message> rejected, String tools) {
    return new Conversation("", joined(prompt, chosen), tools, rejected, null, prompt.size());
  }

  /** An answer that is said to be good or bad. */
  public static Conversation labelled(
      List<Message> prompt, List<Message> answer, boolean label, String tools) {
    return new Conversation("", joined(prompt, answer), tools, List.of(), label, prompt.size());
  }

  private static List<Message> joined(List<Message> first, List<Message> then) {
    List<Message> turns = new ArrayList<>(first);
    turns.addAll(then);
    return turns;
  }

  /** What a dataset of such rows is for. */
  public RowKind kind() {
    return !rejected.isEmpty()
        ? RowKind.PREFERENCE
        : label != null ? RowKind.LABELLED : RowKind.CONVERSATION;
  }

  /** The turns of a pair's chosen answer, or of a labelled one. */
  public List<Message> answer() {
    return messages.subList(promptTurns, messages.size());
  }

  /** The other conversation of a pair: the prompt and the rejected answer. */
  public List<Message> rejectedMessages() {
    return joined(messages.subList(0, promptTurns), rejected);
  }

  public Conversation withId(String given) {
    return new Conversation(given, messages, tools, rejected, label, promptTurns);
  }

  public Conversation withMessages(List<Message> changed) {
    return withMessages(changed, rejected);
  }

  public Conversation withMessages(List<Message> changed, List<Message> changedRejected) {
    return new Conversation(id, changed, tools, changedRejected, label, promptTurns);
  }

  /**
   * Hash of what the row teaches: turns, tools and which answer is better, not its id or where it
   * came from. The order of rows, the split and the content of the dataset are made of it.
   */
  public String content() {
    var hash = ContentHash.of("conversation/2").add(tools).add(messages.size());
    messages.forEach(turn -> add(hash, turn));
    hash.add(rejected.size());
    rejected.forEach(turn -> add(hash, turn));
    return hash.add(promptTurns).add(flag(label)).finish();
  }

  private static void add(ContentHash hash, Message turn) {
    hash.add(turn.role())
        .add(turn.content())
        .add(turn.toolCalls())
        .add(turn.extra())
        .add(turn.isWeighted() ? turn.weight().toString() : flag(turn.loss()));
  }

  private static String flag(Boolean value) {
    return value == null ? "" : value.toString();
  }

  /**
   * All turns as a person reads them, {@code role: content} each, a blank line between; then those
   * of the rejected answer, or the label.
   */
  public String text() {
    List<String> parts = new ArrayList<>(messages.stream().map(Message::text).toList());
    rejected.forEach(turn -> parts.add("rejected " + turn.text()));
    if (label != null) {
      parts.add("label: " + label);
    }
    return parts.stream().collect(Collectors.joining("\n\n"));
  }
}
