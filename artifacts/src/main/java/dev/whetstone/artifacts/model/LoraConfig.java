package dev.whetstone.artifacts.model;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The shape of a low-rank adapter (LoRA, arXiv 2106.09685): {@code W + scale * B A} for every
 * adapted module. Keys and meaning are those of PEFT 0.21 ({@code peft/tuners/lora/config.py}).
 *
 * @param rank R, of every module that {@code rankPattern} does not name
 * @param alpha the update is scaled by {@code alpha / rank}
 * @param dropout share of an adapter's input that training drops
 * @param targets modules that are adapted: each is a module's path or its last parts, such as
 *     {@code q_proj}; sorted
 * @param rankPattern ranks by pattern: a regular expression for a module's path or its last parts;
 *     the first that fits counts
 * @param alphaPattern alphas by pattern
 * @param rsLora whether the update is scaled by {@code alpha / sqrt(rank)} (arXiv 2312.03732)
 * @param dora whether rows of the sum are scaled to a trained length (arXiv 2402.09353)
 * @param bias which biases are trained too
 * @param modulesToSave modules that are trained as a whole and stored with the adapter, such as
 *     {@code lm_head}; sorted
 */
public record LoraConfig(
    int rank,
    double alpha,
    double dropout,
    List<String> targets,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    boolean rsLora,
    boolean dora,
    Bias bias,
    List<String> modulesToSave) {

  /** The projections of most families: what {@code all-linear} means for them. */
  public static final List<String> ALL_LINEAR =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  /** No adapter scales by more; the product of such a factor with float32 weights stays finite. */
  public static final double MAX_ALPHA = 1e6;

  /** Above the width of any layer a rank adds nothing. */
  private static final int MAX_RANK = 1 << 14;

  /** Patterns and module names are shorter: what is longer could exhaust the stack. */
  private static final int MAX_NAME = 1000;

  /** Characters that a pattern may look at: no honest one comes near, some never end. */
  private static final int MAX_LOOKS = 1_000_000;

  /** Which biases are trained beside the matrices. */
  public enum Bias {
    NONE,
    /** Every bias of the model. */
    ALL,
    /** Those of adapted modules. */
    LORA_ONLY;

    @JsonCreator
    static Bias of(String name) {
      return EnumKeys.of(Bias.class, "unknown bias", name.replace('_', '-'));
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this).replace('-', '_'); // as PEFT writes it
    }
  }

  public LoraConfig {
    checkRank("rank", rank);
    checkAlpha("alpha", alpha);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1): " + dropout);
    }
    targets = sorted(targets, "targets");
    modulesToSave = sorted(modulesToSave, "modulesToSave");
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("targets are empty");
    }
    // The order of patterns decides: Map.copyOf would lose it.
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    rankPattern.forEach((pattern, value) -> checkRank("rank of " + check(pattern), value));
    alphaPattern.forEach((pattern, value) -> checkAlpha("alpha of " + check(pattern), value));
    requireNonNull(bias, "bias is null");
  }

  /** Plain LoRA. */
  public static LoraConfig plain(int rank, double alpha, List<String> targets) {
    return new LoraConfig(
        rank, alpha, 0, targets, Map.of(), Map.of(), false, false, Bias.NONE, List.of());
  }

  private static List<String> sorted(List<String> names, String what) {
    return List.copyOf(new TreeSet<>(requireNonNull(names, what + " is null")));
  }

  private static void checkRank(String what, int rank) {
    if (rank < 1 || rank > MAX_RANK) {
      throw new IllegalArgumentException("%s must be in 1..%d: %d".formatted(what, MAX_RANK, rank));
    }
  }

  private static void checkAlpha(String what, double alpha) {
    if (!(alpha > 0 && alpha <= MAX_ALPHA)) { // refuses NaN too
      throw new IllegalArgumentException(
          "%s must be > 0 and at most %s: %s".formatted(what, MAX_ALPHA, alpha));
    }
  }

  private static String check(String pattern) {
    if (pattern.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          "a pattern must have at most %d characters: %d".formatted(MAX_NAME, pattern.length()));
    }
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "\"%s\" is no regular expression: %s".formatted(pattern, e.getDescription()), e);
    }
    return pattern;
  }

  /** This shape for other modules. */
  public LoraConfig withTargets(List<String> modules) {
    return new LoraConfig(
        rank,
        alpha,
        dropout,
        modules,
        rankPattern,
        alphaPattern,
        rsLora,
        dora,
        bias,
        modulesToSave);
  }

  /** Whether a module, or one that it is part of, is trained as a whole. */
  public boolean saves(String module) {
    return modulesToSave.stream().anyMatch(saved -> isWithin(module, saved));
  }

  /** As {@code peft/utils/other.py}, _set_trainable: a module's path ends as its name says. */
  static boolean isWithin(String module, String saved) {
    return (module + ".").contains(saved + ".");
  }

  /**
   * R of a module by its path, such as {@code model.layers.0.self_attn.q_proj}.
   *
   * @throws IllegalArgumentException if a pattern takes too long to fit
   */
  public int rank(String module) {
    return first(rankPattern, module, rank);
  }

  /** What a module's update is multiplied by. */
  public double scale(String module) {
    int own = rank(module);
    return first(alphaPattern, module, alpha) / (rsLora ? Math.sqrt(own) : own);
  }

  /** As {@code peft/utils/other.py}, get_pattern_key. */
  private static <T> T first(Map<String, T> patterns, String module, T otherwise) {
    for (Map.Entry<String, T> pattern : patterns.entrySet()) {
      if (fits(pattern.getKey(), module)) {
        return pattern.getValue();
      }
    }
    return otherwise;
  }

  private static boolean fits(String pattern, String module) {
    if (module.length() > MAX_NAME) {
      return false;
    }
    var text = new Watched(module, 0, module.length(), new AtomicInteger());
    try {
      return Pattern.compile("(.*\\.)?(" + pattern + ")").matcher(text).matches();
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException(
          "pattern \"%s\" takes too long to fit to %s".formatted(pattern, module), e);
    }
  }

  /** Text that can be looked at a limited number of times. */
  private record Watched(String text, int start, int end, AtomicInteger looks)
      implements CharSequence {
    @Override
    public int length() {
      return end - start;
    }

    @Override
    public char charAt(int index) {
      if (looks.incrementAndGet() > MAX_LOOKS) {
        throw new IllegalStateException("looked too often");
      }
      return text.charAt(start + index);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return new Watched(text, start + from, start + to, looks);
    }

    @Override
    public String toString() {
      return text.substring(start, end);
    }
  }
}
