package dev.whetstone.artifacts;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One link of the lineage from the raw rows to a result, small enough to travel inside every later
 * manifest.
 *
 * @param kind {@code source}, {@code items}, {@code model}, {@code dataset}, {@code run} or {@code
 *     adapter}
 * @param name what people call it: a file, a hub name, a recipe's name
 * @param content content hash
 * @param facts what a reader of the lineage wants to see (rows kept, steps, tokens, learning rate,
 *     licence), as text
 */
public record Ancestor(String kind, String name, String content, Map<String, String> facts) {
  public Ancestor {
    requireNonNull(kind, "kind is null");
    requireNonNull(name, "name is null");
    requireNonNull(content, "content is null");
    // Sorted: equal facts print alike.
    facts = Collections.unmodifiableMap(new TreeMap<>(requireNonNull(facts, "facts is null")));
  }

  /** The newest link of a kind. */
  public static Optional<Ancestor> newest(List<Ancestor> lineage, String kind) {
    return lineage.stream()
        .filter(link -> link.kind().equals(kind))
        .reduce((older, newer) -> newer);
  }
}
