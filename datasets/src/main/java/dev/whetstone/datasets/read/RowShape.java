package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.datasets.rows.Conversation;

/**
 * One way in which people lay out a conversation as JSON. A new way is one new class and one line
 * in {@link RowReader#SHAPES}.
 */
public interface RowShape {
  /** Whether an object is of this shape, told by its keys alone. */
  boolean matches(JsonNode row);

  /** The conversation, without an id; roles in our names, contents as they stand. */
  Conversation conversation(JsonNode row) throws BrokenRowException;
}
