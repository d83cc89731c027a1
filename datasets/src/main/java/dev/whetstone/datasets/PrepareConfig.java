package dev.whetstone.datasets;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.EnumKeys;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.datasets.clean.CleanRules;
import dev.whetstone.datasets.clean.PersonalData;
import dev.whetstone.datasets.dedup.Compared;
import dev.whetstone.datasets.dedup.Keep;
import dev.whetstone.datasets.language.LanguageRule;
import dev.whetstone.datasets.measure.Bound;
import dev.whetstone.datasets.measure.Measures;
import dev.whetstone.datasets.measure.Preset;
import dev.whetstone.datasets.read.RowReader;
import dev.whetstone.datasets.tokens.TooLong;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Section {@code prepare} of a recipe, every default filled in.
 *
 * @param sources what is read, in order
 * @param model folder of the model whose tokenizer and template make token ids; empty: none, and
 *     the dataset holds messages only
 * @param maxLength tokens of a packed row; at least 2
 * @param tooLong what becomes of longer rows
 * @param minLength tokens; shorter rows are dropped; at least 1
 * @param lossOn which tokens are targets
 * @param clean rules that put text right
 * @param personalData what becomes of e-mail addresses, telephone numbers, secrets and the like
 * @param language which languages are looked for and stay
 * @param flaggedWords a file of words, one on each line, whose share of the answers is the score
 *     {@code flagged_words}; empty: none, and no row has that score
 * @param rules what a text must be like
 * @param quality what a classifier that learned from labelled rows says of each
 * @param dedup when two rows count as one
 * @param decontaminate folders that {@code items} wrote
 * @param overlap when a row holds a benchmark item
 * @param contaminated what becomes of such a row
 * @param split shares of the splits
 * @param publish how much of the rows others may see; it goes with every model that is trained on
 *     them
 * @param seed of order, split and MinHash
 */
public record PrepareConfig(
    List<Source> sources,
    String model,
    Integer maxLength,
    TooLong tooLong,
    Integer minLength,
    LossOn lossOn,
    CleanRules clean,
    PersonalData.Policy personalData,
    LanguageRule language,
    String flaggedWords,
    Rules rules,
    Quality quality,
    Dedup dedup,
    List<String> decontaminate,
    Overlap overlap,
    Contaminated contaminated,
    Split split,
    Publish publish,
    Long seed) {
  private static final int MAX_HASHES = 4096;

  /**
   * Files of raw rows, and how much of them is taken.
   *
   * @param path a file, a folder or a glob, on any file system that Hadoop knows
   * @param format of the files; {@code auto} tells it by what they begin with and their names
   * @param rows how a row is laid out, by the name of a shape; {@code auto} tells each row by its
   *     keys
   * @param split of a folder that {@code save_to_disk} wrote; empty: train, or the only one
   * @param datasetInfo a {@code dataset_info.json} of LLaMA-Factory that tells path and rows;
   *     empty: none
   * @param name of the entry in it
   * @param weight share of the training tokens, in any unit that all sources have in common; null
   *     where no source has one
   * @param cap most that is taken; null for none
   * @param repeat times that its rows may be taken, positive: with weights at most, without them
   *     just so often; 0.5 is half of them
   */
  public record Source(
      String path,
      String format,
      String rows,
      String split,
      String datasetInfo,
      String name,
      Double weight,
      Cap cap,
      Double repeat) {
    private static final int MAX_REPEAT = 1000;

    /** Formats of files, as recipes name them. */
    public static final List<String> FORMATS =
        List.of("auto", "jsonl", "json", "csv", "tsv", "parquet", "arrow");

    public Source {
      path = path == null ? "" : path;
      datasetInfo = datasetInfo == null ? "" : datasetInfo;
      name = name == null ? "" : name;
      if (path.isBlank() == datasetInfo.isBlank()) {
        throw new IllegalArgumentException(
            "a source needs a path, such as raw/*.jsonl, or a dataset_info with a name");
      }
      if (datasetInfo.isBlank() != name.isBlank()) {
        throw new IllegalArgumentException("dataset_info and name belong together");
      }
      format = known("format", format, FORMATS);
      List<String> shapes = new ArrayList<>(List.of("auto"));
      shapes.addAll(RowReader.shapeNames());
      rows = known("rows", rows, shapes);
      split = split == null ? "" : split;
      if (weight != null && !(weight > 0 && Double.isFinite(weight))) {
        throw new IllegalArgumentException("weight must be > 0: " + weight);
      }
      repeat = repeat == null ? 1.0 : repeat;
      if (!(repeat > 0 && repeat <= MAX_REPEAT)) {
        throw new IllegalArgumentException(
            "repeat must be > 0 and at most %d: %s".formatted(MAX_REPEAT, repeat));
      }
    }

    /** A file, a folder or a glob: all rows, once. */
    public Source(String path, String format) {
      this(path, format, null, null, null, null, null, null, null);
    }

    /** The same with its rows at {@code found}, whatever named them. */
    public Source withPath(String found) {
      return new Source(found, format, rows, split, null, null, weight, cap, repeat);
    }

    private static String known(String key, String value, List<String> known) {
      String given = value == null ? "auto" : value;
      if (!known.contains(given)) {
        throw new IllegalArgumentException(
            "unknown %s \"%s\"; known: %s".formatted(key, given, String.join(", ", known)));
      }
      return given;
    }

    /** What people call it. */
    public String title() {
      return path.isEmpty() ? datasetInfo + ": " + name : path;
    }

    /** Whether other rows of it are taken than each one once. */
    public boolean mixed() {
      return weight != null || cap != null || repeat != 1;
    }
  }

  /**
   * Most that is taken of a source; one of the two.
   *
   * @param rows at least 1, or null
   * @param tokens at least 1, or null; characters where there is no model
   */
  public record Cap(Long rows, Long tokens) {
    public Cap {
      Long limit = rows == null ? tokens : rows;
      if ((rows == null) == (tokens == null) || limit < 1) {
        throw new IllegalArgumentException(
            "cap: expected rows or tokens, at least 1, such as {rows: 1000}");
      }
    }
  }

  /** Which tokens are targets of the loss. */
  public enum LossOn {
    /** Every turn of the assistant. */
    ASSISTANT,
    /** The last turn of the assistant: the answer to all that stands before. */
    COMPLETION,
    /** Every token but the first. */
    ALL;

    @JsonCreator
    static LossOn of(String name) {
      return EnumKeys.of(LossOn.class, "unknown value", name);
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this);
    }
  }

  /**
   * Bounds of what is measured of a row. All measures are columns of the dataset, whatever is kept.
   *
   * @param preset bounds that were made for a kind of text
   * @param bounds in place of the preset's, by the name of the measure; one without min and max
   *     takes the preset's away
   */
  public record Rules(Preset preset, Map<String, Bound> bounds) {
    public Rules {
      preset = preset == null ? Preset.CHAT : preset;
      var named = new TreeMap<String, Bound>();
      if (bounds != null) {
        bounds.forEach((key, bound) -> named.put(key, bound == null ? Bound.NONE : bound));
      }
      bounds = Collections.unmodifiableMap(named);
      Measures.bounds(preset, bounds); // names all measures if one is unknown
    }

    /** All bounds by the name of the measure. */
    public Map<String, Bound> all() {
      return Measures.bounds(preset, bounds);
    }
  }

  /**
   * A classifier's opinion, which is the score {@code quality}: the probability that a row is good.
   *
   * @param model folder that {@code quality train} made; empty: none, and no row has that score
   * @param min rows below it are dropped, in [0, 1]; null: none is, and the score is only told
   */
  public record Quality(String model, Double min) {
    /** Name of the score. */
    public static final String KEY = "quality";

    public Quality {
      model = model == null ? "" : model;
      if (min != null && model.isEmpty()) {
        throw new IllegalArgumentException(
            "min needs a model: a folder that whetstone quality train made");
      }
      if (min != null && !(min >= 0 && min <= 1)) {
        throw new IllegalArgumentException("min must be in [0, 1]: " + min);
      }
    }
  }

  /**
   * When rows are duplicates of one another, and which of them stays.
   *
   * @param by what of the rows is compared
   * @param exact rows of the same text, but for case and white space
   * @param near see {@link Near}
   * @param keep which row of a cluster stays
   * @param against folders of datasets that stand already: rows that are duplicates of theirs go
   */
  public record Dedup(Compared by, Boolean exact, Near near, Keep keep, List<String> against) {
    public Dedup {
      against = against == null ? List.of() : List.copyOf(against);
      by = by == null ? Compared.CONVERSATION : by;
      exact = exact == null || exact;
      near = near == null ? new Near(null, null, null, null, null) : near;
      keep = keep == null ? Keep.LONGEST : keep;
    }
  }

  /**
   * Rows of nearly the same text.
   *
   * @param enabled whether near duplicates are looked for
   * @param threshold least Jaccard similarity of the shingles of two rows, in (0, 1]
   * @param shingle words of a shingle; at least 1
   * @param bands of a MinHash signature, at least 1; a pair of similarity s is found with
   *     probability 1 - (1 - s^rows)^bands. Default 14 of 8 rows, as datatrove has it
   *     (dedup/minhash.py:51-57): 0.92 at 0.8; more and shorter bands find more and take longer
   * @param rows hashes of a band, at least 1
   */
  public record Near(
      Boolean enabled, Double threshold, Integer shingle, Integer bands, Integer rows) {
    public Near {
      enabled = enabled == null || enabled;
      threshold = threshold == null ? 0.8 : threshold;
      shingle = shingle == null ? 5 : shingle;
      bands = bands == null ? 14 : bands;
      rows = rows == null ? 8 : rows;
      if (!(threshold > 0 && threshold <= 1)) {
        throw new IllegalArgumentException("threshold must be in (0, 1]: " + threshold);
      }
      if (shingle < 1) {
        throw new IllegalArgumentException("shingle must be >= 1: " + shingle);
      }
      if (bands < 1 || rows < 1 || bands * rows > MAX_HASHES) {
        throw new IllegalArgumentException(
            "bands and rows must be >= 1, and at most %d hashes in all: %d bands of %d rows"
                .formatted(MAX_HASHES, bands, rows));
      }
    }
  }

  /** What becomes of a row that holds a benchmark item. The report tells of it either way. */
  public enum Contaminated {
    /** It is not in the dataset. */
    DROP,
    /** It stays: for those who measure what a set holds. */
    MARK;

    @JsonCreator
    static Contaminated of(String name) {
      return EnumKeys.of(Contaminated.class, "unknown value", name);
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this);
    }
  }

  /**
   * @param ngram words of a run that item and row share; at least 2
   * @param minShare share of the words of a question, or of its answer, that stand in shared runs
   *     and make a row contaminated, in (0, 1]. Under 0.5, so that half a question is found
   */
  public record Overlap(Integer ngram, Double minShare) {
    public Overlap {
      ngram = ngram == null ? 8 : ngram;
      minShare = minShare == null ? 0.4 : minShare;
      if (ngram < 2) {
        throw new IllegalArgumentException("ngram must be >= 2: " + ngram);
      }
      if (!(minShare > 0 && minShare <= 1)) {
        throw new IllegalArgumentException("min_share must be in (0, 1]: " + minShare);
      }
    }
  }

  /** Shares of rows, which sum to 1. */
  public record Split(Double train, Double validation) {
    public Split {
      if (train == null && validation == null) {
        validation = 0.02;
      }
      train = train == null ? 1 - validation : train;
      validation = validation == null ? 1 - train : validation;
      boolean shares = train > 0 && train <= 1 && validation >= 0;
      if (!shares || Math.abs(train + validation - 1) > 1e-9) {
        throw new IllegalArgumentException(
            "train and validation must be shares that sum to 1: %s and %s"
                .formatted(train, validation));
      }
    }
  }

  public PrepareConfig {
    sources = sources == null ? List.of() : List.copyOf(sources);
    if (sources.isEmpty()) {
      throw new IllegalArgumentException(
          "sources: expected at least one, such as [{path: \"raw/*.jsonl\"}]");
    }
    long weighted = sources.stream().filter(source -> source.weight() != null).count();
    if (weighted != 0 && weighted != sources.size()) {
      throw new IllegalArgumentException(
          "sources: expected a weight for each or for none, found %d for %d sources"
              .formatted(weighted, sources.size()));
    }
    model = model == null ? "" : model;
    maxLength = maxLength == null ? 1024 : maxLength;
    tooLong = tooLong == null ? TooLong.DROP : tooLong;
    minLength = minLength == null ? 1 : minLength;
    if (maxLength < 2) {
      throw new IllegalArgumentException("max_length must be >= 2: " + maxLength);
    }
    if (minLength < 1 || minLength > maxLength) {
      throw new IllegalArgumentException(
          "min_length must be in 1..%d: %d".formatted(maxLength, minLength));
    }
    lossOn = lossOn == null ? LossOn.ASSISTANT : lossOn;
    clean = clean == null ? CleanRules.DEFAULT : clean;
    personalData = personalData == null ? PersonalData.Policy.REDACT : personalData;
    language = language == null ? LanguageRule.NONE : language;
    flaggedWords = flaggedWords == null ? "" : flaggedWords;
    rules = rules == null ? new Rules(null, null) : rules;
    quality = quality == null ? new Quality(null, null) : quality;
    dedup = dedup == null ? new Dedup(null, null, null, null, null) : dedup;
    decontaminate = decontaminate == null ? List.of() : List.copyOf(decontaminate);
    overlap = overlap == null ? new Overlap(null, null) : overlap;
    contaminated = contaminated == null ? Contaminated.DROP : contaminated;
    split = split == null ? new Split(null, null) : split;
    publish = publish == null ? Publish.UNSAID : publish;
    seed = seed == null ? 0L : seed;
  }

  /** All bounds by the name of the score. */
  public Map<String, Bound> bounds() {
    Map<String, Bound> bounds = new TreeMap<>(rules.all());
    if (quality.min() != null) {
      bounds.put(Quality.KEY, new Bound(quality.min(), null));
    }
    return bounds;
  }

  /** This configuration with the recipe's model where the section names none. */
  public PrepareConfig withModel(String recipeModel) {
    if (!model.isEmpty()) {
      return this;
    }
    ObjectNode tree = Json.mapper().valueToTree(this);
    return Json.mapper().convertValue(tree.put("model", recipeModel), PrepareConfig.class);
  }
}
