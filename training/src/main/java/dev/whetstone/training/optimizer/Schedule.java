package dev.whetstone.training.optimizer;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;

/**
 * How the learning rate changes: a factor on the base rate (transformers, optimization.py).
 *
 * @param kind of the decay after warm-up
 * @param warmup below 1 a share of all steps, rounded up; else a number of steps
 */
public record Schedule(Kind kind, Double warmup) {
  /** Shape of the decay. */
  public enum Kind {
    COSINE,
    LINEAR,
    CONSTANT;

    @JsonCreator
    static Kind of(String name) {
      return EnumKeys.of(Kind.class, "unknown kind", name);
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this);
    }
  }

  public Schedule {
    kind = kind == null ? Kind.COSINE : kind;
    warmup = warmup == null ? 0.03 : warmup;
    if (!(warmup >= 0)) {
      throw new IllegalArgumentException("warmup must be >= 0: " + warmup);
    }
  }

  /** Warm-up steps of a run of {@code total} steps (training_args.py, get_warmup_steps). */
  public int warmupSteps(int total) {
    return (int) (warmup < 1 ? Math.ceil(warmup * total) : warmup);
  }

  /**
   * The factor of a step.
   *
   * @param taken optimizer steps already taken, so 0 for the first: under warm-up the first step
   *     has rate 0
   */
  public double factor(int taken, int total) {
    int warm = warmupSteps(total);
    if (taken < warm) {
      return (double) taken / Math.max(1, warm);
    }
    double progress = (double) (taken - warm) / Math.max(1, total - warm);
    return switch (kind) {
      case COSINE -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
      case LINEAR -> Math.max(0, 1 - progress);
      case CONSTANT -> 1;
    };
  }
}
