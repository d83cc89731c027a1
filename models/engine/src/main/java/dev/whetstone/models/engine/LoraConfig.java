package dev.whetstone.models.engine;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.model.AdapterFolder;
import java.util.List;

/**
 * LoRA as PEFT has it: the update is scaled by {@code alpha / rank} (arXiv 2106.09685, section
 * 4.1).
 *
 * @param targets last parts of module names, such as {@code q_proj}; {@link #ALL_LINEAR} for all
 *     seven projections
 */
public record LoraConfig(int rank, double alpha, List<String> targets) {
  public static final List<String> ALL_LINEAR =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  /** Above the width of any layer a rank adds nothing. */
  private static final int MAX_RANK = 1 << 14;

  public LoraConfig {
    if (rank < 1 || rank > MAX_RANK) {
      throw new IllegalArgumentException("rank must be in 1..%d: %d".formatted(MAX_RANK, rank));
    }
    if (!(alpha > 0 && alpha <= AdapterFolder.MAX_ALPHA)) { // refuses NaN too
      throw new IllegalArgumentException(
          "alpha must be > 0 and at most %s: %s".formatted(AdapterFolder.MAX_ALPHA, alpha));
    }
    targets = List.copyOf(requireNonNull(targets, "targets is null"));
    if (!ALL_LINEAR.containsAll(targets) || targets.isEmpty()) {
      throw new IllegalArgumentException("targets must be some of " + ALL_LINEAR + ": " + targets);
    }
  }
}
