package dev.whetstone.datasets.measure;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;

/** Bounds that were made for a kind of text. */
public enum Preset {
  /** Answers of an assistant: only what repeats itself, filler, and words of a thousand letters. */
  CHAT,
  /** Pages of the web: the rules of Gopher, FineWeb and C4 with their own bounds. */
  WEB,
  /** No bound but those that the recipe names. */
  NONE;

  Bound bound(Measure measure) {
    return switch (this) {
      case CHAT -> measure.chat();
      case WEB -> measure.web();
      case NONE -> Bound.NONE;
    };
  }

  @JsonCreator
  static Preset of(String name) {
    return EnumKeys.of(Preset.class, "unknown preset", name);
  }

  @JsonValue
  public String key() {
    return EnumKeys.key(this);
  }
}
