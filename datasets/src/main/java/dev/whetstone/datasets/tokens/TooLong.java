package dev.whetstone.datasets.tokens;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;

/** What becomes of a row that has more tokens than {@code max_length}. */
public enum TooLong {
  /** The row is dropped. */
  DROP,
  /** Tokens are cut off at the start, so that the end stays; what stays has lost its beginning. */
  TRUNCATE_START,
  /** Tokens are cut off at the end, as most trainers do it. */
  TRUNCATE_END,
  /**
   * A conversation is cut before turns of the user into pieces that fit, each with the system turn.
   * An answer to a prompt cannot be split: pairs and labelled answers are dropped.
   */
  SPLIT;

  @JsonCreator
  static TooLong of(String name) {
    return EnumKeys.of(TooLong.class, "unknown value", name);
  }

  @JsonValue
  public String key() {
    return EnumKeys.key(this);
  }
}
