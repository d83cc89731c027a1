package dev.whetstone.datasets.preflight;

import com.fasterxml.jackson.annotation.JsonValue;

/** What a trainer does to a row without a word, or with a line in a log. */
public enum Effect {
  /** The row is not trained on. */
  DROPPED("dropped"),
  /** A part of the row is not trained on. */
  CUT("cut"),
  /** Tokens are trained on that the dataset has not among its targets. */
  LEARNED("learned");

  private final String key;

  Effect(String key) {
    this.key = key;
  }

  @JsonValue
  public String key() {
    return key;
  }
}
