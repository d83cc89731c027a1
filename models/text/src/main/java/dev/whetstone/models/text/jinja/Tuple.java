package dev.whetstone.models.text.jinja;

import java.util.ArrayList;
import java.util.Collection;

/** A Python tuple: a list that prints with parentheses and equals no list. */
final class Tuple extends ArrayList<Object> {
  private static final long serialVersionUID = 1L;

  Tuple(Collection<?> elements) {
    super(elements);
  }
}
