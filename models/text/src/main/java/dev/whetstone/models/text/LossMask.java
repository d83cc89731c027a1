package dev.whetstone.models.text;

import dev.whetstone.models.text.ChatTemplate.RenderedChat;
import dev.whetstone.models.text.Tokenizer.Encoded;

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
    Encoded encoded = tokenizer.encodeWithOffsets(chat.text(), false);
    int[] labels = new int[encoded.tokens().length];
    int span = 0;
    for (int t = 0; t < labels.length; t++) {
      // Spans and tokens are both in order of the text, so one pass suffices.
      while (span < chat.assistant().size()
          && chat.assistant().get(span).end() <= encoded.starts()[t]) {
        span++;
      }
      boolean target =
          span < chat.assistant().size()
              && encoded.starts()[t] >= chat.assistant().get(span).start()
              && encoded.ends()[t] > encoded.starts()[t];
      labels[t] = target ? encoded.tokens()[t] : IGNORED;
    }
    return new Labelled(encoded.tokens(), labels);
  }

  /** Every token but the first is a target. */
  public static Labelled all(String text, Tokenizer tokenizer) {
    int[] tokens = tokenizer.encode(text, false);
    int[] labels = tokens.clone();
    if (labels.length > 0) {
      labels[0] = IGNORED;
    }
    return new Labelled(tokens, labels);
  }
}
