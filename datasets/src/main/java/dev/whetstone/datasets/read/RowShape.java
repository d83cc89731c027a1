package dev.whetstone.datasets.read;

import dev.whetstone.datasets.rows.Conversation;

/**
 * One way in which people lay out a conversation as JSON. A new way is one new class and one line
 * in {@link RowReader#SHAPES}.
 */
interface RowShape {
  /** As recipes name it. */
  String name();

  /** Its keys, for people. */
  String keys();

  /** Whether an object is of this shape, told by its keys. */
  boolean matches(Fields row);

  /** Whether an object can be read where a recipe says that it is of this shape. */
  default boolean isReadable(Fields row) {
    return matches(row);
  }

  /** The conversation, without an id; roles in our names, contents as they stand. */
  Conversation conversation(Fields row) throws BrokenRowException;
}
