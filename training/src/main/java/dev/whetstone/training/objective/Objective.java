package dev.whetstone.training.objective;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;

/**
 * What training minimises.
 *
 * @param kind the loss
 * @param beta how far a preference may move the model: 0.1 (DPO, IPO, ORPO, KTO), 2.0 (SimPO);
 *     defaults of TRL 1.16 and of the SimPO paper
 * @param smoothing of DPO and SimPO: share of pairs that are held to be the wrong way round
 * @param gamma of SimPO: the margin that is asked for, arXiv 2405.14734
 * @param desirable of KTO: weight of answers that are labelled good
 * @param undesirable of KTO: weight of answers that are labelled bad
 */
public record Objective(
    Kind kind, Double beta, Double smoothing, Double gamma, Double desirable, Double undesirable) {
  /** Known losses. */
  public enum Kind {
    /** Cross-entropy of the targets. */
    SFT,
    /** −log σ(β Δ), Δ the difference of log-ratios to the base model: arXiv 2305.18290. */
    DPO,
    /** (Δ − 1 / 2β)² of log-ratios per token: arXiv 2310.12036, normed as TRL does. */
    IPO,
    /** Cross-entropy of the chosen side, and −β log σ of the log odds ratio: arXiv 2403.07691. */
    ORPO,
    /** −log σ(β Δ − γ) of log-probabilities per token, without a reference: arXiv 2405.14734. */
    SIMPO,
    /** Answers labelled good or bad, one at a time: arXiv 2402.01306. */
    KTO;

    @JsonCreator
    static Kind of(String name) {
      return EnumKeys.of(Kind.class, "unknown objective", name);
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this);
    }

    /** Whether rows are pairs of a chosen and a rejected answer. */
    public boolean takesPairs() {
      return this != SFT && this != KTO;
    }

    /** Whether rows are answers to be compared, in pairs or with a label. */
    public boolean takesAnswers() {
      return this != SFT;
    }

    /** Whether the base model is asked too. */
    public boolean needsBase() {
      return this == DPO || this == IPO || this == KTO;
    }
  }

  public Objective {
    kind = kind == null ? Kind.SFT : kind;
    beta = beta == null ? (Double) (kind == Kind.SIMPO ? 2.0 : 0.1) : beta;
    smoothing = smoothing == null ? 0.0 : smoothing;
    gamma = gamma == null ? (Double) (kind == Kind.SIMPO ? 1.0 : 0.0) : gamma;
    desirable = desirable == null ? 1.0 : desirable;
    undesirable = undesirable == null ? 1.0 : undesirable;
    if (!(beta > 0 && beta < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("beta must be > 0 and finite: " + beta);
    }
    if (!(smoothing >= 0 && smoothing < 0.5)) {
      throw new IllegalArgumentException("smoothing must be in [0, 0.5): " + smoothing);
    }
    if (smoothing > 0 && kind != Kind.DPO && kind != Kind.SIMPO) {
      throw new IllegalArgumentException("smoothing is for dpo and simpo, not " + kind.key());
    }
    if (!(gamma >= 0 && gamma < Double.POSITIVE_INFINITY) || (gamma > 0 && kind != Kind.SIMPO)) {
      throw new IllegalArgumentException("gamma must be >= 0, and is for simpo alone: " + gamma);
    }
    if (!(desirable > 0 && undesirable > 0 && desirable + undesirable < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "desirable and undesirable must be > 0 and finite: %s, %s"
              .formatted(desirable, undesirable));
    }
  }

  /** A recipe may give the name alone. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Objective named(String kind) {
    return new Objective(Kind.of(kind), null, null, null, null, null);
  }
}
