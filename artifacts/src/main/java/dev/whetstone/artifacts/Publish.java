package dev.whetstone.artifacts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * How much of a dataset or benchmark others may see, from the most to the least: key {@code
 * publish} of a recipe's section {@code prepare}, and of a task's {@code metadata}.
 */
public enum Publish {
  /** Prompts, expected answers and answers as they are. */
  TEXT,
  /** Of each text its SHA-256; scores document by document. */
  HASHES,
  /** Sums over all documents, nothing of any one of them. */
  NONE;

  /** What the key is called wherever it stands. */
  public static final String KEY = "publish";

  /** What holds for a user's own data as long as nothing is said. */
  public static final Publish UNSAID = HASHES;

  /**
   * @throws IllegalArgumentException if {@code name} is none of the known ones, which it lists
   */
  @JsonCreator
  public static Publish of(String name) {
    return EnumKeys.of(Publish.class, KEY + ": unknown value", name);
  }

  @JsonValue
  public String key() {
    return EnumKeys.key(this);
  }

  /** The one of the two that shows less. */
  public Publish strictest(Publish other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
