package dev.whetstone.artifacts;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Constants as recipes and command lines name them: in lower case, hyphens between words. */
public final class EnumKeys {
  private EnumKeys() {}

  /** The name of a constant, such as {@code lm-eval}. */
  public static String key(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The constant of a name.
   *
   * @param unknown how the message begins where there is none, such as {@code unknown preset}
   * @throws IllegalArgumentException that lists the known names
   */
  public static <E extends Enum<E>> E of(Class<E> type, String unknown, String key) {
    E[] constants = type.getEnumConstants();
    return Arrays.stream(constants)
        .filter(constant -> key(constant).equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s \"%s\"; known: %s"
                        .formatted(
                            unknown,
                            key,
                            Arrays.stream(constants)
                                .map(EnumKeys::key)
                                .collect(Collectors.joining(", ")))));
  }
}
