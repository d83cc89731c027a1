package dev.whetstone.models.engine.family;

import dev.whetstone.artifacts.BadInputException;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The gate's activation function, by transformers' names. {@code decoder.py} goes by the order. */
public enum Activation {
  SILU("silu", "swish"),
  GELU_TANH("gelu_pytorch_tanh", "gelu_new"),
  GELU("gelu", "gelu_python");

  private final String name;
  private final String alias;

  Activation(String name, String alias) {
    this.name = name;
    this.alias = alias;
  }

  static Activation of(ConfigValues config, String key, String preset) {
    String name = config.text(key, preset);
    return Arrays.stream(values())
        .filter(activation -> activation.name.equals(name) || activation.alias.equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(config, key, name));
  }

  private static BadInputException unknown(ConfigValues config, String key, String name) {
    return config.fault(
        "unknown %s \"%s\"; known: %s"
            .formatted(
                key,
                name,
                Arrays.stream(values())
                    .flatMap(activation -> Stream.of(activation.name, activation.alias))
                    .collect(Collectors.joining(", "))));
  }
}
