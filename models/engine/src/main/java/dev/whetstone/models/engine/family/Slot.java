package dev.whetstone.models.engine.family;

/**
 * The arrays of a block, in the order in which the program takes those that a model has; {@code
 * decoder.py} knows them by these names. A block that lacks one has an empty array in its place.
 *
 * <p>D is the hidden width, H and K the heads of queries and of keys, S the size of a head, I the
 * width of the feed-forward layer, E the number of experts, X their width and Y that of the shared
 * expert.
 */
public enum Slot {
  /** [D] */
  INPUT_NORM,
  /** [H S, D] */
  QUERY,
  /** [K S, D] */
  KEY,
  /** [K S, D] */
  VALUE,
  /** [D, H S] */
  OUTPUT,
  QUERY_BIAS,
  KEY_BIAS,
  VALUE_BIAS,
  OUTPUT_BIAS,
  /** Of each head's queries, before they are rotated, [S] */
  QUERY_NORM,
  /** [S] */
  KEY_NORM,
  /** Of what attention adds to the stream, [D] */
  ATTENTION_NORM,
  /** [D] */
  FEED_NORM,
  /** [I, D] */
  GATE,
  /** [I, D] */
  UP,
  /** [D, I] */
  DOWN,
  GATE_BIAS,
  UP_BIAS,
  DOWN_BIAS,
  /** Of what the feed-forward layer adds to the stream, [D] */
  OUT_NORM,
  /** [E, D] */
  ROUTER,
  /** [E, X, D] */
  EXPERT_GATE,
  /** [E, X, D] */
  EXPERT_UP,
  /** [E, D, X] */
  EXPERT_DOWN,
  /** How much of the shared expert a token takes, [1, D] */
  SHARED_SWITCH,
  /** [Y, D] */
  SHARED_GATE,
  /** [Y, D] */
  SHARED_UP,
  /** [D, Y] */
  SHARED_DOWN;

  /** Whether the array is the weight of a norm. */
  public boolean isNorm() {
    return name().endsWith("_NORM");
  }
}
