package dev.whetstone.leaderboard.entry;

import dev.whetstone.artifacts.EnumKeys;

/** Whether a model was trained on a document that it is measured with. */
public enum Exposure {
  /** Nobody looked: no dataset was given, or it was not checked for this task. */
  UNCHECKED,
  /** It was looked for in the rows, and not found. */
  CLEAN,
  /** It stood in the raw rows, and is in none that the model was trained on. */
  REMOVED,
  /** The model was trained on a row that holds it. */
  TRAINED;

  public static Exposure of(String key) {
    return EnumKeys.of(Exposure.class, "unknown exposure", key);
  }

  public String key() {
    return EnumKeys.key(this);
  }
}
