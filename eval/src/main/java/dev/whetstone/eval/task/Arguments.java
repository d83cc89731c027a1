package dev.whetstone.eval.task;

import dev.whetstone.artifacts.BadInputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Arguments of a filter or metric in a task file. What is not read is an error. */
public final class Arguments {
  private final String where;
  private final Map<String, Object> values;
  private final Set<String> known = new HashSet<>();

  /**
   * @param where names file and entry in messages
   */
  public Arguments(String where, Map<String, Object> values) {
    this.where = where;
    this.values = values;
  }

  public String text(String name, String otherwise) {
    return get(name, String.class, otherwise, "text");
  }

  public int integer(String name, int otherwise) {
    return get(name, Integer.class, otherwise, "a whole number");
  }

  public boolean flag(String name, boolean otherwise) {
    return get(name, Boolean.class, otherwise, "true or false");
  }

  public List<String> texts(String name) {
    var texts = new ArrayList<String>();
    for (Object value : get(name, List.class, List.of(), "a list of texts")) {
      texts.add(String.valueOf(value));
    }
    return texts;
  }

  private <T> T get(String name, Class<T> type, T otherwise, String expected) {
    known.add(name);
    Object value = values.get(name);
    if (value != null && !type.isInstance(value)) {
      throw wrong("%s: expected %s, found %s".formatted(name, expected, value));
    }
    return value == null ? otherwise : type.cast(value);
  }

  /**
   * @throws BadInputException if an argument was given that nobody read
   */
  public void checkAllRead() {
    var unknown = new TreeSet<>(values.keySet());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw wrong(
          "unknown argument \"%s\"; known: %s"
              .formatted(
                  String.join("\", \"", unknown),
                  known.isEmpty() ? "none" : String.join(", ", new TreeSet<>(known))));
    }
  }

  public BadInputException wrong(String what) {
    return new BadInputException(where + ": " + what + ".");
  }
}
