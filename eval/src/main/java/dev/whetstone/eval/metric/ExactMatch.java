package dev.whetstone.eval.metric;

import dev.whetstone.eval.python.PythonPattern;
import dev.whetstone.eval.task.Arguments;
import dev.whetstone.eval.task.OutputType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.PatternSyntaxException;

/**
 * Whether the answer equals a right text, after deletions on both sides. As {@code
 * lm_eval/api/metrics.py}, exact_match_hf_evaluate.
 */
final class ExactMatch implements Metric {
  static final MetricKind KIND =
      new MetricKind("exact_match", OutputType.GENERATE_UNTIL, ExactMatch::new);

  /** Python's {@code string.punctuation}. */
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  private final List<PythonPattern> ignored = new ArrayList<>();
  private final boolean ignoreCase;
  private final boolean ignorePunctuation;
  private final boolean ignoreNumbers;

  private ExactMatch(Arguments arguments) {
    for (String expression : arguments.texts("regexes_to_ignore")) {
      try {
        ignored.add(new PythonPattern(expression));
      } catch (PatternSyntaxException e) {
        throw arguments.wrong("regexes_to_ignore cannot be read: " + e.getDescription());
      }
    }
    ignoreCase = arguments.flag("ignore_case", false);
    ignorePunctuation = arguments.flag("ignore_punctuation", false);
    ignoreNumbers = arguments.flag("ignore_numbers", false);
  }

  @Override
  public Number score(ScoredDocument document) {
    String answer = plain(document.text().orElseThrow());
    return document.goldTexts().stream().anyMatch(gold -> plain(gold).equals(answer)) ? 1.0 : 0.0;
  }

  private String plain(String text) {
    String plain = text;
    for (PythonPattern pattern : ignored) {
      plain = pattern.delete(plain);
    }
    if (ignoreCase) {
      plain = plain.toLowerCase(Locale.ROOT);
    }
    var kept = new StringBuilder();
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      boolean dropped =
          (ignorePunctuation && PUNCTUATION.indexOf(c) >= 0)
              || (ignoreNumbers && c >= '0' && c <= '9');
      if (!dropped) {
        kept.append(c);
      }
    }
    return kept.toString();
  }
}
