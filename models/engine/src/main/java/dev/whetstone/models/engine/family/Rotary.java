package dev.whetstone.models.engine.family;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the rotary embedding turns with the position. Formulas, and their float32 roundings, are
 * those of transformers 5.23, modeling_rope_utils.py.
 *
 * @param frequencies angle per position, by pair of dimensions, in radians, [rotated / 2]; the
 *     first dimensions of a head are rotated
 * @param scale what cosines and sines are multiplied by; 1 but for yarn and longrope
 * @param interleaved whether pairs are neighbours, as GLM has them, instead of half a turn apart
 * @param original tokens up to which these frequencies hold; 2^31 - 1 for all lengths
 * @param beyond what holds for longer texts
 */
public record Rotary(
    List<Float> frequencies, float scale, boolean interleaved, int original, Beyond beyond) {

  private static final int ALL = Integer.MAX_VALUE;
  private static final String ORIGINAL = "original_max_position_embeddings";

  /** The known kinds: one line each. */
  private static final SortedMap<String, Rule> KINDS =
      new TreeMap<>(
          Map.of(
              "default", (rotary, size) -> fixed(plain(rotary, size), 1),
              "linear", Rotary::linear,
              "dynamic", Rotary::dynamic,
              "llama3", Rotary::llama3,
              "longrope", Rotary::longrope,
              "yarn", Rotary::yarn));

  private interface Rule {
    Rotary apply(ConfigValues rotary, int size);
  }

  /** The frequencies of texts that are longer than the original context. */
  public sealed interface Beyond {
    /** The same. */
    record Same() implements Beyond {}

    /** The base grows with the text. */
    record Growing(double base, double factor) implements Beyond {}

    /** Others. */
    record Other(List<Float> frequencies) implements Beyond {}
  }

  public Rotary {
    frequencies = List.copyOf(frequencies);
    if (beyond instanceof Beyond.Same != (original == ALL)) {
      throw new IllegalArgumentException(
          "frequencies that hold for all lengths, and only they, have no original context: "
              + original);
    }
  }

  /** Which keys of {@code config.json} a family reads, and in which way it turns. */
  record Reading(boolean interleaved, double part, boolean partial) {
    /** All dimensions of a head, which no key can change. */
    static final Reading WHOLE = new Reading(false, 1, false);
  }

  /**
   * Reads {@code rope_parameters} (transformers 5) or {@code rope_scaling} beside {@code
   * rope_theta} (4).
   *
   * @param headSize dimensions of a head
   */
  static Rotary of(ConfigValues config, int headSize, Reading reading) {
    ConfigValues given =
        config.object(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
    String kind = given.text("rope_type", given.text("type", "default"));
    // Early names of phi3's: "su", and "yarn" with factors by dimension.
    if (kind.equals("su") || (kind.equals("yarn") && given.has("short_factor"))) {
      kind = "longrope";
    }
    if (!KINDS.containsKey(kind)) {
      throw config.fault(
          "unknown rotary kind \"%s\"; known: %s"
              .formatted(kind, String.join(", ", KINDS.keySet())));
    }
    ConfigValues all = given.over(config);
    if (config.has(ORIGINAL)) { // beside the rotary keys it counts more than among them
      all = all.with(ORIGINAL, config.json().get(ORIGINAL));
    }
    double part = all.real("partial_rotary_factor", reading.part());
    config.refuse(!reading.partial() && part != 1, "partial_rotary_factor " + part);
    int size = (int) (headSize * part);
    if (size < 2 || size > headSize || size % 2 != 0) {
      throw config.fault(
          "partial_rotary_factor %s of heads of %d rotates %d dimensions, expected an even number up to %d"
              .formatted(part, headSize, size, headSize));
    }
    Rotary rotary = KINDS.get(kind).apply(all, size);
    return new Rotary(
            rotary.frequencies, rotary.scale, reading.interleaved(), rotary.original, rotary.beyond)
        .checked(config);
  }

  /** The default kind of a base that a family spells its own way. */
  static Rotary ofBase(ConfigValues config, double base, int size, boolean interleaved) {
    if (!(base > 0 && base <= Float.MAX_VALUE) || size < 2 || size % 2 != 0) {
      throw config.fault(
          "expected a base > 0 and an even number of rotated dimensions, found %s and %d"
              .formatted(base, size));
    }
    Rotary plain = fixed(reciprocals(powers(base, size)), 1);
    return new Rotary(plain.frequencies, 1, interleaved, ALL, plain.beyond).checked(config);
  }

  private Rotary checked(ConfigValues config) {
    var every = new ArrayList<>(frequencies);
    if (beyond instanceof Beyond.Other other) {
      every.addAll(other.frequencies());
    }
    for (float frequency : every) {
      if (!(frequency >= 0 && frequency <= Float.MAX_VALUE)) {
        throw config.fault("the rotary frequencies must be finite and >= 0, found " + frequency);
      }
    }
    if (!(scale > 0 && scale <= Float.MAX_VALUE)) {
      throw config.fault("attention_factor must be > 0 and finite, found " + scale);
    }
    return this;
  }

  /** The longest context, where {@code maxPositions} is what the configuration says of it. */
  int longest(int maxPositions) {
    return beyond instanceof Beyond.Growing growing && growing.factor() > 1
        ? (int) Math.min(ALL, growing.factor() * maxPositions)
        : maxPositions;
  }

  /** Dimensions that are rotated. */
  public int size() {
    return 2 * frequencies.size();
  }

  /**
   * Texts whose lengths have the same regime share keys; 0 is that of the original context.
   *
   * @param length in tokens
   */
  public int regime(int length) {
    if (length <= original || beyond instanceof Beyond.Same) {
      return 0;
    }
    return beyond instanceof Beyond.Other ? 1 : length;
  }

  /**
   * Whether a text that grows into another regime is computed anew, as transformers does for phi3.
   * Otherwise keys stay as they were turned when they were new.
   */
  public boolean startsAnew() {
    return beyond instanceof Beyond.Other;
  }

  /**
   * @param length of the text in tokens
   */
  public float[] frequencies(int length) {
    if (regime(length) == 0) {
      return array(frequencies);
    }
    if (beyond instanceof Beyond.Growing growing) {
      return reciprocals(powers(grown(growing, original, length, size()), size()));
    }
    return array(((Beyond.Other) beyond).frequencies());
  }

  /**
   * A row for each of some texts, or one for all where they turn alike, end to end.
   *
   * @param lengths of the texts in tokens; equal ones that stand together are computed once
   * @return [1, R / 2] or [lengths, R / 2]
   */
  public float[] table(int[] lengths) {
    boolean alike = Arrays.stream(lengths).map(this::regime).distinct().limit(2).count() < 2;
    int rows = alike ? 1 : lengths.length;
    int columns = frequencies.size();
    var table = new float[rows * columns];
    float[] own = {};
    for (int row = 0; row < rows; row++) {
      own = row > 0 && lengths[row] == lengths[row - 1] ? own : frequencies(lengths[row]);
      System.arraycopy(own, 0, table, row * columns, columns);
    }
    return table;
  }

  private static float[] array(List<Float> values) {
    var array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }

  private static Rotary fixed(float[] frequencies, double scale) {
    return new Rotary(list(frequencies), (float) scale, false, ALL, new Beyond.Same());
  }

  private static List<Float> list(float[] values) {
    var list = new ArrayList<Float>();
    for (float value : values) {
      list.add(value);
    }
    return list;
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
    return reciprocals(powers(base(rotary), size));
  }

  /** Two roundings, as theirs: the power, then its reciprocal. */
  private static float[] reciprocals(float[] powers) {
    for (int i = 0; i < powers.length; i++) {
      powers[i] = 1 / powers[i];
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
    return fixed(frequencies, 1);
  }

  /** The base grows with the text, once that is longer than the context ("NTK-aware"). */
  private static Rotary dynamic(ConfigValues rotary, int size) {
    double factor = positive(rotary, "factor", Double.NaN);
    if (size <= 2) {
      throw rotary.fault("a dynamic rotary embedding needs more than 2 rotated dimensions");
    }
    return new Rotary(
        list(plain(rotary, size)),
        1,
        false,
        rotary.integer("max_position_embeddings"),
        new Beyond.Growing(base(rotary), factor));
  }

  /** In float32, step by step: their length is a tensor. */
  private static float grown(Beyond.Growing growing, int original, int length, int size) {
    float stretch = (float) growing.factor() * length / original - (float) (growing.factor() - 1);
    return (float) growing.base() * (float) Math.pow(stretch, size / (size - 2.0));
  }

  /**
   * A factor for each pair of dimensions, and others for long texts: Ding et al., arXiv 2402.13753.
   */
  private static Rotary longrope(ConfigValues rotary, int size) {
    int original = originalContext(rotary);
    double factor =
        positive(rotary, "factor", (double) rotary.integer("max_position_embeddings") / original);
    double usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    return new Rotary(
        list(stretched(rotary, "short_factor", size)),
        (float) rotary.real("attention_factor", usual),
        false,
        original,
        new Beyond.Other(list(stretched(rotary, "long_factor", size))));
  }

  private static float[] stretched(ConfigValues rotary, String key, int size) {
    float[] factors = rotary.reals(key, size / 2);
    float[] frequencies = powers(base(rotary), size);
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = 1 / (factors[i] * frequencies[i]);
    }
    return frequencies;
  }

  private static int originalContext(ConfigValues rotary) {
    int original = rotary.integer(rotary.has(ORIGINAL) ? ORIGINAL : "max_position_embeddings");
    if (original < 2) {
      throw rotary.fault(ORIGINAL + " must be at least 2, found " + original);
    }
    return original;
  }

  /** Long wavelengths squeezed, short ones kept, smooth in between. */
  private static Rotary llama3(ConfigValues rotary, int size) {
    double factor = positive(rotary, "factor", Double.NaN);
    double low = positive(rotary, "low_freq_factor", Double.NaN);
    double high = positive(rotary, "high_freq_factor", Double.NaN);
    double original = positive(rotary, ORIGINAL, Double.NaN);
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
    return fixed(frequencies, 1);
  }

  /** A ramp from squeezed to kept over the dimensions: Peng et al., arXiv 2309.00071. */
  private static Rotary yarn(ConfigValues rotary, int size) {
    double factor = positive(rotary, "factor", Double.NaN);
    // Where it is not given, v5 takes the longest context for the original one.
    double original =
        positive(rotary, ORIGINAL, rotary.real("max_position_embeddings", Double.NaN));
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
    return fixed(powers, yarnScale(rotary, factor));
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
}
