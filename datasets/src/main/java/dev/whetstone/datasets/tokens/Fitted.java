package dev.whetstone.datasets.tokens;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.DropReason;
import dev.whetstone.models.text.LossMask.Labelled;
import java.util.List;
import java.util.Optional;

/**
 * A row, or a piece of one, with its tokens, or the reason why it is dropped.
 *
 * @param piece number of the piece, from 1; 0 for a whole row
 * @param sides tokens and labels, at least one target each; of a pair the chosen side, then the
 *     rejected one; empty where it is dropped
 * @param cutTokens tokens that are gone: cut off, or those of a piece that is dropped
 */
public record Fitted(
    Conversation row, int piece, List<Labelled> sides, int cutTokens, Optional<Drop> drop) {
  public Fitted {
    sides = List.copyOf(sides);
  }

  /** Why it is dropped, in a word and in a sentence. */
  public record Drop(DropReason reason, String detail) {}

  static Fitted kept(Conversation row, List<Labelled> sides) {
    return new Fitted(row, 0, sides, 0, Optional.empty());
  }

  static Fitted dropped(Conversation row, DropReason reason, String detail) {
    return new Fitted(row, 0, List.of(), 0, Optional.of(new Drop(reason, detail)));
  }
}
