package dev.whetstone.models.engine.doctor;

import static java.util.Objects.requireNonNull;

/**
 * What was found about one thing that Whetstone needs or can use.
 *
 * @param found what is there
 * @param advice what to do about it; empty if {@link State#GOOD}
 */
record Finding(String thing, State state, String found, String advice) {
  enum State {
    GOOD,
    /** Something works less well, or not at all that few need. */
    LACKING,
    /** Nothing works, or nothing of use. */
    BAD
  }

  Finding {
    requireNonNull(thing, "thing is null");
    requireNonNull(state, "state is null");
    requireNonNull(found, "found is null");
    if (advice.isEmpty() != (state == State.GOOD)) {
      throw new IllegalArgumentException(thing + ": advice where it is good, or none where not");
    }
  }

  static Finding good(String thing, String found) {
    return new Finding(thing, State.GOOD, found, "");
  }

  static Finding lacking(String thing, String found, String advice) {
    return new Finding(thing, State.LACKING, found, advice);
  }

  static Finding bad(String thing, String found, String advice) {
    return new Finding(thing, State.BAD, found, advice);
  }
}
