package dev.whetstone.models.engine;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the rotary embedding turns with the position. Formulas, and their float32 roundings, are
 * those of transformers 5.23, modeling_rope_utils.py.
 *
 * @param frequencies angle per position, by pair of dimensions, in radians, [rotated / 2]
 * @param scale what cosines and sines are multiplied by; 1 but for yarn
 */
public record Rotary(float[] frequencies, float scale) {

  /** The known kinds: one line each. */
  private static final SortedMap<String, Rule> KINDS =
      new TreeMap<>(
          Map.of(
              "default", (rotary, size) -> new Rotary(plain(rotary, size), 1),
              "linear", Rotary::linear,
              "llama3", Rotary::llama3,
              "yarn", Rotary::yarn));

  private interface Rule {
    Rotary apply(ConfigValues rotary, int size);
  }

  /**
   * Reads {@code rope_parameters} (transformers 5) or {@code rope_scaling} beside {@code
   * rope_theta} (4).
   *
   * @param size dimensions of a head, all of which are rotated
   */
  static Rotary of(ConfigValues config, int size) {
    ConfigValues given =
        config.object(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
    String kind = given.text("rope_type", given.text("type", "default"));
    if (!KINDS.containsKey(kind)) {
      throw config.fault(
          "unknown rotary kind \"%s\"; known: %s"
              .formatted(kind, String.join(", ", KINDS.keySet())));
    }
    ConfigValues all = given.over(config);
    double part = all.real("partial_rotary_factor", 1);
    config.refuse(part != 1, "partial_rotary_factor " + part);
    Rotary rotary = KINDS.get(kind).apply(all, size);
    for (float frequency : rotary.frequencies) {
      if (!(frequency >= 0 && frequency <= Float.MAX_VALUE)) {
        throw config.fault("the rotary frequencies must be finite and >= 0, found " + frequency);
      }
    }
    if (!(rotary.scale > 0 && rotary.scale <= Float.MAX_VALUE)) {
      throw config.fault("attention_factor must be > 0 and finite, found " + rotary.scale);
    }
    return rotary;
  }

  private static double base(ConfigValues rotary) {
    return positive(rotary, "rope_theta", 10_000);
  }

  private static double positive(ConfigValues rotary, String key, double preset) {
    double value = rotary.real(key, preset);
    if (!(value > 0 && value <= Float.MAX_VALUE)) {
      throw rotary.fault("%s must be > 0 and finite, found %s".formatted(key, value));
    }
    return value;
  }

  private static float[] plain(ConfigValues rotary, int size) {
    float[] powers = powers(base(rotary), size);
    for (int i = 0; i < powers.length; i++) {
      powers[i] = 1 / powers[i]; // two roundings, as theirs: the power, then its reciprocal
    }
    return powers;
  }

  private static float[] powers(double base, int size) {
    float[] powers = new float[size / 2];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = (float) Math.pow(base, (float) (2 * i) / size);
    }
    return powers;
  }

  /** Positions squeezed: Chen et al., arXiv 2306.15595. */
  private static Rotary linear(ConfigValues rotary, int size) {
    float factor = (float) positive(rotary, "factor", Double.NaN);
    float[] frequencies = plain(rotary, size);
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] /= factor;
    }
    return new Rotary(frequencies, 1);
  }

  /** Long wavelengths squeezed, short ones kept, smooth in between. */
  private static Rotary llama3(ConfigValues rotary, int size) {
    double factor = positive(rotary, "factor", Double.NaN);
    double low = positive(rotary, "low_freq_factor", Double.NaN);
    double high = positive(rotary, "high_freq_factor", Double.NaN);
    double original = positive(rotary, "original_max_position_embeddings", Double.NaN);
    if (high <= low) {
      throw rotary.fault("high_freq_factor must be greater than low_freq_factor");
    }
    float[] frequencies = plain(rotary, size);
    for (int i = 0; i < frequencies.length; i++) {
      float frequency = frequencies[i];
      float wavelength = (float) (2 * Math.PI / frequency);
      if (wavelength > original / low) {
        frequencies[i] = (float) (frequency / factor);
      } else if (wavelength >= original / high) {
        float smooth = (float) ((original / wavelength - low) / (high - low));
        frequencies[i] = (float) ((1 - smooth) * frequency / factor + smooth * frequency);
      }
    }
    return new Rotary(frequencies, 1);
  }

  /** A ramp from squeezed to kept over the dimensions: Peng et al., arXiv 2309.00071. */
  private static Rotary yarn(ConfigValues rotary, int size) {
    double factor = positive(rotary, "factor", Double.NaN);
    // Where it is not given, v5 takes the longest context for the original one.
    double original =
        positive(
            rotary,
            "original_max_position_embeddings",
            rotary.real("max_position_embeddings", Double.NaN));
    double base = base(rotary);
    double low = dimension(positive(rotary, "beta_fast", 32), size, base, original);
    double high = dimension(positive(rotary, "beta_slow", 1), size, base, original);
    if (rotary.flag("truncate", true)) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, size - 1.0);
    if (low == high) {
      high += 0.001; // theirs, against a division by 0
    }
    float[] powers = powers(base, size);
    for (int i = 0; i < powers.length; i++) {
      float ramp = (float) Math.min(1, Math.max(0, (i - low) / (high - low)));
      float kept = 1 - ramp;
      powers[i] = (float) (1 / (factor * powers[i])) * (1 - kept) + 1 / powers[i] * kept;
    }
    return new Rotary(powers, (float) yarnScale(rotary, factor));
  }

  private static double dimension(double rotations, int size, double base, double original) {
    return size * Math.log(original / (rotations * 2 * Math.PI)) / (2 * Math.log(base));
  }

  private static double yarnScale(ConfigValues rotary, double factor) {
    double all = rotary.real("mscale_all_dim", 0);
    double one = rotary.real("mscale", 0);
    double usual =
        one != 0 && all != 0 ? growth(factor, one) / growth(factor, all) : growth(factor, 1);
    return rotary.real("attention_factor", usual);
  }

  private static double growth(double factor, double mscale) {
    return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Rotary that
        && Arrays.equals(frequencies, that.frequencies)
        && scale == that.scale;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(frequencies);
  }
}
