package dev.whetstone.datasets.language;

import dev.whetstone.datasets.dedup.Words;
import dev.whetstone.datasets.measure.Passage;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import opennlp.tools.langdetect.Language;
import opennlp.tools.langdetect.LanguageDetectorME;
import opennlp.tools.langdetect.LanguageDetectorModel;

/**
 * The language of a row, as Apache OpenNLP's model of 103 languages sees it
 * (opennlp-models-langdetect 1.3.0, Apache License 2.0, made of the Leipzig Corpora). One model per
 * JVM, 33 MB.
 *
 * <p>The model's probabilities are small where a text is short, whatever it is; what tells is that
 * of a language beside that of the next.
 */
public final class Languages {
  /** What is too short to be judged, or is no prose. */
  public static final String UNDETERMINED = "und";

  private static final String MODEL = "/langdetect-183.bin";

  /** Fewer letters say little; an ideograph says as much as four letters do. */
  private static final int LEAST_LETTERS = 20;

  private static final int LETTERS_OF_AN_IDEOGRAPH = 4;

  /** More of a text than this, in UTF-16 units, makes it no surer. */
  private static final int MOST = 600;

  /** The model knows some languages by several names; each of these is one language to people. */
  private static final Map<String, String> CODES = new HashMap<>();

  static {
    for (String two : Locale.getISOLanguages()) {
      Locale locale = Locale.forLanguageTag(two);
      CODES.put(locale.getISO3Language(), locale.toLanguageTag()); // "id" for Java's old "in"
    }
    CODES.putAll(
        Map.of(
            "cmn", "zh", "ekk", "et", "lvs", "lv", "pes", "fa", "plt", "mg", "zsm", "ms", "swh",
            "sw"));
  }

  /**
   * The language of a row.
   *
   * @param code ISO 639-1, else 639-3; {@link #UNDETERMINED} where nothing can be said
   * @param confidence the probability of this language over that and the next one's, in [0.5, 1];
   *     NaN where nothing can be said
   * @param foreign whether the rule lets it go
   */
  public record Guess(String code, double confidence, boolean foreign) {
    static final Guess NONE = new Guess(UNDETERMINED, Double.NaN, false);
  }

  private Languages() {}

  /** Loaded when it is first asked for. */
  private static final class Model {
    static final LanguageDetectorModel LANGUAGES = load();

    // A detector keeps what it works with; the model behind it never changes.
    static final ThreadLocal<LanguageDetectorME> DETECTOR =
        ThreadLocal.withInitial(() -> new LanguageDetectorME(LANGUAGES));

    private static LanguageDetectorModel load() {
      try (InputStream in = Languages.class.getResourceAsStream(MODEL)) {
        return new LanguageDetectorModel(in);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + MODEL + " of the class path", e);
      }
    }
  }

  static boolean knows(String code) {
    return known().contains(code);
  }

  /** All codes, sorted. */
  static SortedSet<String> known() {
    return Arrays.stream(Model.DETECTOR.get().getSupportedLanguages())
        .map(Languages::code)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String code(String three) {
    return CODES.getOrDefault(three, three);
  }

  /** What the assistant says, or, where that is little or no prose, all that is said. */
  public static Guess of(Conversation row, LanguageRule rule) {
    String answers = Passage.answers(row);
    Guess guess = isData(answers) ? Guess.NONE : of(answers, rule);
    if (!guess.code().equals(UNDETERMINED)) {
      return guess;
    }
    String all =
        row.messages().stream()
            .filter(turn -> turn.role().equals(Message.USER) || !isData(turn.content()))
            .filter(turn -> !turn.role().equals(Message.SYSTEM))
            .map(Message::content)
            .collect(Collectors.joining("\n\n"));
    return of(Passage.prose(all), rule);
  }

  /** Whether a text is JSON or the like, whose keys are of no language. */
  private static boolean isData(String text) {
    String start = text.stripLeading();
    return start.startsWith("{") || start.startsWith("[");
  }

  /** Of a text without code. */
  static Guess of(String text, LanguageRule rule) {
    String head = text.length() > MOST ? text.substring(0, MOST) : text;
    if (!isEnough(head)) {
      return Guess.NONE;
    }
    Map<String, Double> probabilities = new TreeMap<>();
    for (Language language : Model.DETECTOR.get().predictLanguages(head)) {
      // Not the sum: of a short text what is unlikely twice would pass what is likely once.
      probabilities.merge(code(language.getLang()), language.getConfidence(), Math::max);
    }
    List<Map.Entry<String, Double>> sorted =
        probabilities.entrySet().stream()
            .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
            .toList();
    double best = sorted.get(0).getValue();
    String code = sorted.get(0).getKey();
    double kept =
        rule.keep().stream()
            .mapToDouble(k -> probabilities.getOrDefault(k, 0.0))
            .max()
            .orElse(best);
    boolean foreign =
        !rule.keep().isEmpty()
            && !rule.keep().contains(code)
            && best / (best + kept) >= rule.minConfidence();
    return new Guess(code, best / (best + sorted.get(1).getValue()), foreign);
  }

  private static boolean isEnough(String text) {
    int letters = 0;
    for (int i = 0; i < text.length() && letters < LEAST_LETTERS; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (Character.isLetter(c)) {
        letters += Words.standsAlone(c) ? LETTERS_OF_AN_IDEOGRAPH : 1;
      }
    }
    return letters >= LEAST_LETTERS;
  }
}
