package dev.whetstone.models.text.jinja;

import java.util.List;
import java.util.Map;

/** Evaluated arguments of a call, a filter or a test. */
record Arguments(List<Object> positional, Map<String, Object> named, Rendering rendering) {
  Object get(int index, String name, Object otherwise) {
    if (index >= 0 && index < positional.size()) {
      return positional.get(index);
    }
    return named.getOrDefault(name, otherwise);
  }

  Object need(int index) {
    if (index >= positional.size()) {
      throw new JinjaException("missing argument " + (index + 1));
    }
    return positional.get(index);
  }

  /** A string argument or null for None. */
  String text(int index, String name, String otherwise) {
    Object value = get(index, name, otherwise);
    if (value != null && !(value instanceof String)) {
      throw new JinjaException("expected str instance, " + Values.typeName(value) + " found");
    }
    return (String) value;
  }

  String needText(int index) {
    Object value = need(index);
    if (value instanceof String text) {
      return text;
    }
    throw new JinjaException("expected str instance, " + Values.typeName(value) + " found");
  }

  long integer(int index, String name, long otherwise) {
    Object value = get(index, name, otherwise);
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    if (value instanceof Long number) {
      return number;
    }
    throw new JinjaException(
        "'" + Values.typeName(value) + "' object cannot be interpreted as an integer");
  }

  boolean flag(int index, String name) {
    return Values.truth(get(index, name, false));
  }

  Arguments from(int first) {
    return new Arguments(
        positional.subList(Math.min(first, positional.size()), positional.size()),
        named,
        rendering);
  }
}
