package dev.whetstone.datasets.clean;

import static dev.whetstone.datasets.rows.DropReason.BROKEN;
import static dev.whetstone.datasets.rows.DropReason.EMPTY;

import dev.whetstone.datasets.clean.Cleaning.Dropped;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Who may speak after whom: at most one system turn, first; then user and assistant by turns; a
 * tool after an assistant that called one, or after another tool; the assistant last. Everything
 * else cannot be rendered by chat templates, or teaches a user's words.
 */
final class TurnOrder {
  private static final Set<String> ROLES =
      Set.of(Message.SYSTEM, Message.USER, Message.ASSISTANT, Message.TOOL);

  private TurnOrder() {}

  /**
   * All faults, the gravest first; empty for a well-formed row. A rejected answer stands where the
   * chosen one does, so the same order is asked of it.
   */
  static List<Dropped> faults(Conversation row) {
    List<Dropped> faults = new ArrayList<>(faults(row.messages()));
    if (faults.isEmpty() && !row.rejected().isEmpty()) {
      faults(row.rejectedMessages()).stream()
          .map(f -> new Dropped(f.reason(), "with the rejected answer, " + f.detail()))
          .forEach(faults::add);
    }
    return faults;
  }

  private static List<Dropped> faults(List<Message> turns) {
    List<Dropped> faults = new ArrayList<>();
    if (turns.isEmpty()) {
      return List.of(new Dropped(EMPTY, "no turn at all"));
    }
    for (int i = 0; i < turns.size(); i++) {
      Message turn = turns.get(i);
      if (!ROLES.contains(turn.role())) {
        faults.add(
            new Dropped(
                BROKEN,
                "turn %d: unknown role \"%s\"; known: system, user, assistant, tool"
                    .formatted(i + 1, turn.role())));
      } else if (!mayFollow(turns, i)) {
        String before = i == 0 ? "the start" : turns.get(i - 1).role();
        faults.add(
            new Dropped(
                BROKEN, "turn %d: %s must not follow %s".formatted(i + 1, turn.role(), before)));
      }
    }
    Message last = turns.get(turns.size() - 1);
    if (faults.isEmpty() && !last.role().equals(Message.ASSISTANT)) {
      faults.add(
          new Dropped(
              BROKEN,
              "the last turn is by %s, not by the assistant: no answer".formatted(last.role())));
    }
    for (int i = 0; i < turns.size(); i++) {
      Message turn = turns.get(i);
      boolean says = !turn.content().isEmpty() || !turn.toolCalls().isEmpty();
      if (!says && (turn.role().equals(Message.USER) || turn.role().equals(Message.ASSISTANT))) {
        faults.add(new Dropped(EMPTY, "turn %d: %s says nothing".formatted(i + 1, turn.role())));
      }
    }
    return faults;
  }

  private static boolean mayFollow(List<Message> turns, int i) {
    String before = i == 0 ? "" : turns.get(i - 1).role();
    boolean called = i > 0 && !turns.get(i - 1).toolCalls().isEmpty();
    return switch (turns.get(i).role()) {
      case Message.SYSTEM -> i == 0;
      case Message.USER -> i == 0 || Set.of(Message.SYSTEM, Message.ASSISTANT).contains(before);
      case Message.ASSISTANT -> before.equals(Message.USER) || before.equals(Message.TOOL);
      case Message.TOOL ->
          before.equals(Message.TOOL) || (before.equals(Message.ASSISTANT) && called);
      default -> throw new IllegalStateException("role was checked: " + turns.get(i).role());
    };
  }
}
