package dev.whetstone.datasets.language;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether the language of rows is looked for, and which of them stay.
 *
 * @param detect whether it is looked for; by default where {@code keep} names one
 * @param keep codes of languages (ISO 639-1, such as {@code en}; 639-3 where there is none of
 *     those); empty: all
 * @param minConfidence how sure it must be that a row is in none of them before it goes, in [0.5,
 *     1]: the probability of its own language over that and the likeliest of {@code keep}'s
 */
public record LanguageRule(Boolean detect, List<String> keep, Double minConfidence)
    implements Serializable {
  /** Nothing is looked for. */
  public static final LanguageRule NONE = new LanguageRule(null, null, null);

  public LanguageRule {
    keep = keep == null ? List.of() : List.copyOf(keep);
    detect = detect == null ? !keep.isEmpty() : detect;
    // At 0.6 no more than 0.1 % of GSM8K's answers, half of them numbers, count as another language
    // than English, and 99 % of whole rows in others do
    // (docs/decisions/language-identification.md).
    minConfidence = minConfidence == null ? 0.6 : minConfidence;
    if (!detect && !keep.isEmpty()) {
      throw new IllegalArgumentException("keep needs detect: true");
    }
    if (!(minConfidence >= 0.5 && minConfidence <= 1)) {
      throw new IllegalArgumentException("min_confidence must be in [0.5, 1]: " + minConfidence);
    }
    List<String> unknown = keep.stream().filter(code -> !Languages.knows(code)).toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown language %s; known: %s"
              .formatted(
                  unknown.stream().map(c -> '"' + c + '"').collect(Collectors.joining(", ")),
                  String.join(", ", Languages.known())));
    }
  }
}
