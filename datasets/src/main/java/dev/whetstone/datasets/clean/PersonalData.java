package dev.whetstone.datasets.clean;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.EnumKeys;
import dev.whetstone.datasets.personal.Findings;
import dev.whetstone.datasets.personal.Pseudonyms;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.DropReason;
import dev.whetstone.datasets.rows.Message;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What becomes of personal data and secrets in what users, assistants and tools say. System turns
 * are not searched: what an operator writes there for every conversation is public.
 */
public final class PersonalData implements Serializable {
  private static final long serialVersionUID = 1;

  /** What to do with a row that holds personal data. */
  public enum Policy {
    KEEP,
    /** Put its kind in its place, such as {@code [EMAIL]}, in every turn alike. */
    REDACT,
    /** Put a name in its place that is the same wherever the same value stands. */
    PSEUDONYM,
    DROP;

    /** The policy that a recipe names. */
    @JsonCreator
    public static Policy ofKey(String key) {
      return EnumKeys.of(Policy.class, "unknown value", key);
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this);
    }
  }

  private final Policy policy;
  private final Pseudonyms pseudonyms; // null where the policy needs none

  private PersonalData(Policy policy, Pseudonyms pseudonyms) {
    this.policy = policy;
    this.pseudonyms = pseudonyms;
  }

  /**
   * @param pseudonyms needed where the policy is {@link Policy#PSEUDONYM}
   * @throws BadInputException if they are needed and not there
   */
  public static PersonalData of(Policy policy, Optional<Pseudonyms> pseudonyms) {
    if (policy == Policy.PSEUDONYM && pseudonyms.isEmpty()) {
      throw new BadInputException(
          "personal_data: pseudonym needs a secret key in the environment variable %s, found none; draw one by lot, such as by: openssl rand -hex 32"
              .formatted(Pseudonyms.VARIABLE));
    }
    return new PersonalData(policy, pseudonyms.orElse(null));
  }

  /** The row as the policy wants it. {@code changes} are those of earlier rules. */
  Cleaning apply(Conversation row, Set<String> changes) {
    if (policy == Policy.KEEP) {
      return new Cleaning.Clean(row, changes);
    }
    List<Message> replaced = new ArrayList<>();
    List<Message> turns = new ArrayList<>(row.messages());
    turns.addAll(row.rejected());
    String found = "";
    for (int i = 0; i < turns.size(); i++) {
      Message turn = turns.get(i);
      if (turn.role().equals(Message.SYSTEM)) {
        replaced.add(turn);
        continue;
      }
      Findings inText = Findings.in(turn.content());
      Findings inCalls = Findings.in(turn.toolCalls());
      Findings inExtra = Findings.in(turn.extra());
      Optional<Findings> first =
          Stream.of(inText, inCalls, inExtra).filter(f -> !f.isEmpty()).findFirst();
      if (found.isEmpty() && first.isPresent()) {
        found = "turn %d (%s): %s".formatted(i + 1, turn.role(), first.get().first());
      }
      replaced.add(
          new Message(
              turn.role(), replaced(inText), replaced(inCalls), replaced(inExtra), turn.weight()));
    }
    if (found.isEmpty()) {
      return new Cleaning.Clean(row, changes);
    }
    if (policy == Policy.DROP) {
      return new Cleaning.Dropped(DropReason.PERSONAL_DATA, found);
    }
    Set<String> all = new TreeSet<>(changes);
    all.add("personal data replaced");
    int answers = row.messages().size();
    return new Cleaning.Clean(
        row.withMessages(replaced.subList(0, answers), replaced.subList(answers, replaced.size())),
        all);
  }

  private String replaced(Findings findings) {
    return policy == Policy.PSEUDONYM ? findings.pseudonymised(pseudonyms) : findings.redacted();
  }

  /** A text for people to see, such as in a report: without personal data unless it may stay. */
  public String shown(String text) {
    return policy == Policy.KEEP ? text : Findings.in(text).redacted();
  }
}
