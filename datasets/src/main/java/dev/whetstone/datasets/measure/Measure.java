package dev.whetstone.datasets.measure;

import static java.util.Objects.requireNonNull;

import java.util.function.ToDoubleFunction;

/**
 * Something that can be measured of a text. A new one is one line in the list of its family.
 *
 * @param key name of its column and in recipes, such as {@code gopher_top_2_gram}
 * @param meaning what the number says, for the report
 * @param web bounds as the family has them, for pages of the web
 * @param chat bounds that are safe for answers of an assistant
 * @param of the number; NaN where the text is none that can be judged by it
 */
public record Measure(
    String key, String meaning, Bound web, Bound chat, ToDoubleFunction<Passage> of) {
  public Measure {
    requireNonNull(key, "key is null");
    requireNonNull(meaning, "meaning is null");
    requireNonNull(web, "web is null");
    requireNonNull(chat, "chat is null");
    requireNonNull(of, "of is null");
  }

  /** This measure where words are told apart by spaces; NaN elsewhere. */
  Measure whereSpaced() {
    return new Measure(
        key, meaning, web, chat, p -> p.isUnspaced() ? Double.NaN : of.applyAsDouble(p));
  }

  /** This measure of texts with at least so many words; NaN for shorter ones. */
  Measure fromWords(int least) {
    return new Measure(
        key, meaning, web, chat, p -> p.words() < least ? Double.NaN : of.applyAsDouble(p));
  }
}
