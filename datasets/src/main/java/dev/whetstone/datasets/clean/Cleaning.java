package dev.whetstone.datasets.clean;

import dev.whetstone.datasets.dedup.ExactText;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.DropReason;
import java.util.List;
import java.util.Set;

/** What cleaning made of a row: a conversation that is kept, or a reason to drop it. */
public sealed interface Cleaning {
  /**
   * @param conversation the cleaned row
   * @param changes names of the rules that changed it, sorted; empty if it came out as it went in
   */
  record Clean(Conversation conversation, Set<String> changes) implements Cleaning {}

  /**
   * @param detail what was found, and where
   */
  record Dropped(DropReason reason, String detail) implements Cleaning {}

  /** The steps a row goes through, in order. */
  static Cleaning of(Conversation row, CleanRules rules, PersonalData personalData) {
    CleanText.Cleaned text = CleanText.of(row, rules);
    Conversation cleaned = text.conversation();
    List<Dropped> faults = TurnOrder.faults(cleaned);
    if (!faults.isEmpty()) {
      return faults.get(0);
    }
    if (ExactText.sameAnswers(cleaned)) {
      return new Dropped(DropReason.SAME_ANSWERS, "chosen and rejected are the same text");
    }
    return personalData.apply(cleaned, text.changes());
  }
}
