package dev.whetstone.datasets.rows;

import java.util.Arrays;

/** Why a row is not in the dataset. In the order in which the steps look for them. */
public enum DropReason {
  BROKEN("broken", "Not a conversation: no JSON, an unknown shape or role, turns out of order."),
  EMPTY("empty", "A turn of the user or the assistant says nothing."),
  SAME_ANSWERS("no-preference", "The chosen answer and the rejected one are the same text."),
  PERSONAL_DATA("personal-data", "An e-mail address, a telephone number, a key or the like."),
  CONTAMINATED("contaminated", "Holds an item of a benchmark that the model is measured with."),
  OTHER_LANGUAGE("other-language", "In another language than those that the recipe keeps."),
  LOW_QUALITY("low-quality", "What was measured of its text is out of bounds."),
  EXACT_DUPLICATE("exact-duplicate", "The same text as an earlier row, but for case and spaces."),
  NEAR_DUPLICATE("near-duplicate", "Nearly the same text as an earlier row."),
  TOO_LONG("too-long", "More tokens than max_length, or fewer than min_length."),
  NO_TARGET("no-target", "No token that the loss would be computed on, or no rendering at all."),
  MIXTURE("mixture", "Its source has its share: the recipe's weights or caps leave the row out.");

  private final String key;
  private final String meaning;

  DropReason(String key, String meaning) {
    this.key = key;
    this.meaning = meaning;
  }

  /** The name in files, such as {@code near-duplicate}. */
  public String key() {
    return key;
  }

  /** One sentence for a reader of the report. */
  public String meaning() {
    return meaning;
  }

  public static DropReason ofKey(String key) {
    return Arrays.stream(values())
        .filter(r -> r.key.equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown drop reason: " + key));
  }
}
