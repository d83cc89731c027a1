package dev.whetstone.models.text;

import dev.whetstone.models.text.ChatTemplate.RenderedChat;

/** From a rendered conversation to token ids and labels. */
public final class LossMask {
  /** Label of a token that is no target, as torch's cross-entropy ignores it. */
  public static final int IGNORED = -100;

  private LossMask() {}

  /**
   * Ids and labels of one row.
   *
   * @param tokens [T]
   * @param labels [T]; the token's own id where it is a target, else {@link #IGNORED}; never
   *     shifted
   */
  public record Labelled(int[] tokens, int[] labels) {}

  /** The assistant's tokens and its end-of-turn token are targets, nothing else. */
  public static Labelled assistant(RenderedChat chat, Tokenizer tokenizer) {
    throw new UnsupportedOperationException(chat + " " + tokenizer);
  }

  /** Every token but the first is a target. */
  public static Labelled all(String text, Tokenizer tokenizer) {
    throw new UnsupportedOperationException(text + " " + tokenizer);
  }
}
