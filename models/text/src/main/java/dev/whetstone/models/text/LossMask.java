package dev.whetstone.models.text;

import dev.whetstone.models.text.ChatTemplate.RenderedChat;
import dev.whetstone.models.text.ChatTemplate.Span;
import dev.whetstone.models.text.Tokenizer.Encoded;
import java.util.List;

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
   * @param weights [T]: what each target counts in the loss, positive; 0 where there is none
   */
  public record Labelled(int[] tokens, int[] labels, float[] weights) {
    /** Whether some target counts more or less than another. */
    public boolean isWeighted() {
      for (float weight : weights) {
        if (weight != 0 && weight != 1) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * The assistant's tokens and its end-of-turn token are targets, nothing else.
   *
   * @param weights of the assistant's spans, in order; 0: not learned
   */
  public static Labelled assistant(RenderedChat chat, double[] weights, Tokenizer tokenizer) {
    return labelled(chat, weights, 0, tokenizer);
  }

  /**
   * Every token is a target, but the first and those of answers with a weight of 0.
   *
   * @param weights of the assistant's spans, in order; what stands outside them counts 1
   */
  public static Labelled all(RenderedChat chat, double[] weights, Tokenizer tokenizer) {
    Labelled all = labelled(chat, weights, 1, tokenizer);
    if (all.labels.length > 0) {
      all.labels[0] = IGNORED;
      all.weights[0] = 0;
    }
    return all;
  }

  private static Labelled labelled(
      RenderedChat chat, double[] ofSpans, double outside, Tokenizer tokenizer) {
    List<Span> spans = chat.assistant();
    if (ofSpans.length != spans.size()) {
      throw new IllegalArgumentException(
          "expected a weight for each of %d spans, found %d"
              .formatted(spans.size(), ofSpans.length));
    }
    Encoded encoded = tokenizer.encodeWithOffsets(chat.text(), false);
    int[] labels = new int[encoded.tokens().length];
    float[] weights = new float[labels.length];
    int span = 0;
    for (int t = 0; t < labels.length; t++) {
      // Spans and tokens are both in order of the text, so one pass suffices.
      while (span < spans.size() && spans.get(span).end() <= encoded.starts()[t]) {
        span++;
      }
      boolean inside =
          span < spans.size()
              && encoded.starts()[t] >= spans.get(span).start()
              && encoded.ends()[t] > encoded.starts()[t];
      weights[t] = (float) (inside ? ofSpans[span] : outside);
      labels[t] = weights[t] > 0 ? encoded.tokens()[t] : IGNORED;
    }
    return new Labelled(encoded.tokens(), labels, weights);
  }
}
