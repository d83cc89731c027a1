package dev.whetstone.artifacts.model;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A tensor of an adapter by PEFT's name for it, such as {@code
 * base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}: the prefix, a module of the base
 * model and what the tensor is to it (PEFT 0.21, {@code peft/tuners/tuners_utils.py},
 * _get_adapter_state_dict, and {@code peft/utils/save_and_load.py}).
 *
 * @param module path in the base model, such as {@code model.layers.0.self_attn.q_proj}
 */
public record AdapterTensor(String module, Kind kind) {
  private static final String PREFIX = "base_model.model.";

  /** What a tensor is to its module; the first whose suffix fits. */
  public enum Kind {
    /** A of a pair, [R, I] */
    DOWN(".lora_A.weight"),
    /** B of a pair, [O, R] */
    UP(".lora_B.weight"),
    /** The lengths of the rows of a DoRA module's sum, [O] */
    MAGNITUDE(".lora_magnitude_vector"),
    /** In place of the weight of a module that has a pair too: PEFT stores that of a head. */
    ADAPTED_WEIGHT(".base_layer.weight"),
    /** In place of the bias of a module that has a pair too, [O] */
    ADAPTED_BIAS(".base_layer.bias"),
    /** Without effect: PEFT stores biases of saved modules two times more. */
    SPARE(".modules_to_save.bias"),
    /** Without effect: the bias that a saved module no longer has. */
    ORIGINAL(".original_module.bias"),
    /** In place of a module's weight. */
    WEIGHT(".weight"),
    /** In place of a module's bias, [O] */
    BIAS(".bias");

    private final String suffix;

    Kind(String suffix) {
      this.suffix = suffix;
    }

    /** Whether the tensor stands in place of one of the base model. */
    public boolean replaces() {
      return this == WEIGHT || this == ADAPTED_WEIGHT || isBias();
    }

    private boolean isBias() {
      return this == BIAS || this == ADAPTED_BIAS;
    }
  }

  public AdapterTensor {
    requireNonNull(module, "module is null");
    requireNonNull(kind, "kind is null");
  }

  /** Empty if the name is none of these. */
  public static Optional<AdapterTensor> of(String name) {
    if (name.startsWith(PREFIX)) {
      for (Kind kind : Kind.values()) {
        int end = name.length() - kind.suffix.length();
        if (name.endsWith(kind.suffix) && end > PREFIX.length()) {
          return Optional.of(new AdapterTensor(name.substring(PREFIX.length(), end), kind));
        }
      }
    }
    return Optional.empty();
  }

  /** The tensor's name in the adapter's file. */
  public String name() {
    return PREFIX + module + kind.suffix;
  }

  /** Another tensor of the same module. */
  public AdapterTensor other(Kind other) {
    return new AdapterTensor(module, other);
  }

  /** Name of the base model's tensor that this one changes or replaces. */
  public String base() {
    return module + (kind.isBias() ? ".bias" : ".weight");
  }
}
