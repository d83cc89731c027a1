package dev.whetstone.artifacts.tensors;

import dev.whetstone.artifacts.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Faults of one file, gathered so that one run shows them all. */
final class Faults {
  private static final int SHOWN = 5;

  private final Path file;
  private final String advice;
  private final List<String> faults = new ArrayList<>();

  /** {@code advice} ends the message: what to do. */
  Faults(Path file, String advice) {
    this.file = file;
    this.advice = advice;
  }

  @SuppressWarnings(
      "AnnotateFormatMethod") // the annotation would be this room's only use of its jar
  void add(String fault, Object... values) {
    faults.add(fault.formatted(values));
  }

  boolean any() {
    return !faults.isEmpty();
  }

  void throwIfAny() {
    if (any()) {
      throw exception();
    }
  }

  /** One fault that ends the reading at once. */
  @SuppressWarnings("AnnotateFormatMethod") // as for add
  BadInputException fatal(String fault, Object... values) {
    add(fault, values);
    return exception();
  }

  private BadInputException exception() {
    String shown = String.join("; ", faults.subList(0, Math.min(SHOWN, faults.size())));
    String more = faults.size() > SHOWN ? "; and %d more".formatted(faults.size() - SHOWN) : "";
    return new BadInputException("%s: %s%s. %s".formatted(file, shown, more, advice));
  }
}
