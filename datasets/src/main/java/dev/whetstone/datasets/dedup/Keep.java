package dev.whetstone.datasets.dedup;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;

/**
 * Which row of a cluster stays. Of rows that the rule likes equally well their content decides, so
 * that the order of the sources does not matter, but for {@link #FIRST}.
 */
public enum Keep {
  /** The first in the order of the sources: of sources that are trusted unequally. */
  FIRST,
  /** The one that says most, in characters. */
  LONGEST,
  /** The one that says least. */
  SHORTEST,
  /** The one with the highest score of the quality model. */
  QUALITY;

  @JsonCreator
  static Keep ofKey(String key) {
    return EnumKeys.of(Keep.class, "unknown value", key);
  }

  @JsonValue
  public String key() {
    return EnumKeys.key(this);
  }
}
