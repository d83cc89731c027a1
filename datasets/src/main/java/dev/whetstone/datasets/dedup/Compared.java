package dev.whetstone.datasets.dedup;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import dev.whetstone.datasets.rows.RowKind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What of two rows is compared. */
public enum Compared {
  /** All that is said; of a preference both answers. */
  CONVERSATION {
    @Override
    public List<Message> turns(Conversation row) {
      List<Message> turns = new ArrayList<>(row.messages());
      turns.addAll(row.rejected());
      return turns;
    }
  },
  /** All that stands before the last answer. */
  PROMPT {
    @Override
    public List<Message> turns(Conversation row) {
      return row.messages().subList(0, answer(row));
    }
  },
  /** The last answer; of a preference the chosen one. */
  ANSWER {
    @Override
    public List<Message> turns(Conversation row) {
      return row.messages().subList(answer(row), row.messages().size());
    }
  };

  /** The turns of a row that are compared, in order. */
  public abstract List<Message> turns(Conversation row);

  /**
   * What is said in those turns, as one text; system turns left out, which rows share. Unlike
   * {@link Conversation#text} without roles: who says it does not make two texts differ.
   */
  public String text(Conversation row) {
    return turns(row).stream()
        .filter(turn -> !turn.role().equals(Message.SYSTEM))
        .map(turn -> turn.content() + " " + turn.toolCalls())
        .collect(Collectors.joining(" "));
  }

  /** Index of the first turn of the answer: said by the row, else the last turn there is. */
  private static int answer(Conversation row) {
    return row.kind() == RowKind.CONVERSATION
        ? Math.max(0, row.messages().size() - 1)
        : row.promptTurns();
  }

  @JsonCreator
  static Compared ofKey(String key) {
    return EnumKeys.of(Compared.class, "unknown value", key);
  }

  @JsonValue
  public String key() {
    return EnumKeys.key(this);
  }
}
