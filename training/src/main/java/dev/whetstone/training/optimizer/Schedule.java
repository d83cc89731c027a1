package dev.whetstone.training.optimizer;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;

/**
 * How the learning rate changes: a factor on the base rate (transformers, optimization.py).
 *
 * @param kind of the decay after warm-up
 * @param warmup below 1 a share of all steps, rounded up; else a number of steps
 * @param floor factor that cosine and wsd end with; in [0, 1)
 * @param decay of wsd: below or at 1 a share of all steps, rounded up; else a number of steps
 */
public record Schedule(Kind kind, Double warmup, Double floor, Double decay) {
  private static final double DECAY = 0.1;

  /** Shape of the decay. */
  public enum Kind {
    /** get_cosine_with_min_lr_schedule_with_warmup. */
    COSINE,
    /** get_linear_schedule_with_warmup. */
    LINEAR,
    /** get_constant_schedule_with_warmup. */
    CONSTANT,
    /** Warm up, stay, decay: get_wsd_schedule with cosine decay. */
    WSD;

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
    floor = floor == null ? 0.0 : floor;
    decay = decay == null ? DECAY : decay;
    if (!(warmup >= 0)) {
      throw new IllegalArgumentException("warmup must be >= 0: " + warmup);
    }
    if (!(floor >= 0 && floor < 1) || (floor > 0 && kind != Kind.COSINE && kind != Kind.WSD)) {
      throw new IllegalArgumentException(
          "floor must be in [0, 1), and is for cosine and wsd: " + floor);
    }
    if (!(decay > 0)) {
      throw new IllegalArgumentException("decay must be > 0: " + decay);
    }
  }

  /** Warm-up steps of a run of {@code total} steps (training_args.py, get_warmup_steps). */
  public int warmupSteps(int total) {
    return (int) (warmup < 1 ? Math.ceil(warmup * total) : warmup);
  }

  /** Steps of wsd's decay, at the end of a run. */
  private int decaySteps(int total) {
    double asked = decay <= 1 ? Math.ceil(decay * total) : decay;
    return (int) Math.min(total - warmupSteps(total), asked);
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
      double share = (double) taken / Math.max(1, warm);
      return kind == Kind.WSD ? floor + (1 - floor) * share : share;
    }
    double progress = (double) (taken - warm) / Math.max(1, total - warm);
    return switch (kind) {
      case COSINE -> cosine(progress);
      case LINEAR -> Math.max(0, 1 - progress);
      case CONSTANT -> 1;
      case WSD -> {
        int decaying = decaySteps(total);
        int into = taken - (total - decaying);
        yield into < 0 ? 1 : cosine((double) into / Math.max(1, decaying));
      }
    };
  }

  private double cosine(double progress) {
    return Math.max(0, floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  }
}
