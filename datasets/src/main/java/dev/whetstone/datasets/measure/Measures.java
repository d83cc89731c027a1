package dev.whetstone.datasets.measure;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All measures, in the order of their columns. A new family is one file and one line here. */
public final class Measures {
  /** Every measure. */
  public static final List<Measure> ALL =
      Stream.of(Gopher.measures(), FineWeb.measures(), C4.measures(), FlaggedWords.measures())
          .flatMap(List::stream)
          .toList();

  private Measures() {}

  /** All of them of one text, in the order of {@link #ALL}; NaN where one judges nothing. */
  public static double[] of(Passage passage) {
    return ALL.stream().mapToDouble(measure -> measure.of().applyAsDouble(passage)).toArray();
  }

  /**
   * The bounds of a preset, some of them replaced.
   *
   * @throws IllegalArgumentException if a replaced one is of no measure: the message lists all
   */
  public static Map<String, Bound> bounds(Preset preset, Map<String, Bound> replaced) {
    Map<String, Bound> bounds = new TreeMap<>();
    for (Measure measure : ALL) {
      bounds.put(measure.key(), preset.bound(measure));
    }
    for (String key : replaced.keySet()) {
      if (!bounds.containsKey(key)) {
        throw new IllegalArgumentException(
            "unknown measure \"%s\"; known: %s"
                .formatted(key, ALL.stream().map(Measure::key).collect(Collectors.joining(", "))));
      }
    }
    bounds.putAll(replaced);
    bounds.values().removeIf(Bound::isOpen);
    return bounds;
  }
}
