package dev.whetstone.leaderboard.entry;

import static java.util.Objects.requireNonNull;

/**
 * Who was evaluated. Two results are of the same contender if both identities are equal.
 *
 * @param base the base model's identity: its content hash, or its name where no hash is known
 * @param baseName what people call the base model
 * @param adapter the adapter's identity; empty for the bare base model
 */
public record Contender(String base, String baseName, String adapter) {
  public Contender {
    requireNonNull(base, "base is null");
    requireNonNull(baseName, "baseName is null");
    requireNonNull(adapter, "adapter is null");
  }

  public boolean isBase() {
    return adapter.isEmpty();
  }
}
