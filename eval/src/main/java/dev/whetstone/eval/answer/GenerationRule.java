package dev.whetstone.eval.answer;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.models.engine.generation.GenerationSettings;
import dev.whetstone.models.engine.generation.Sampling;
import dev.whetstone.models.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How a task's text is generated. As {@code normalize_gen_kwargs} and {@code handle_stop_sequences}
 * of {@code lm_eval/models/utils.py}; names of sampling settings as transformers has them.
 *
 * <p>Where we differ: what a task leaves out is off, where lm-eval's {@code hf} model takes it from
 * the model's {@code generation_config.json} or transformers' defaults (top_k 50); and the draws of
 * a document depend on its number and the seed alone, not on its batch.
 *
 * @param maxNewTokens at most this many
 * @param stop the text ends before the first of these
 * @param sampling its seed is that of the run
 */
record GenerationRule(int maxNewTokens, List<String> stop, Sampling sampling) {
  private static final int DEFAULT_NEW_TOKENS = 256;

  /** In the order in which they count. */
  private static final List<String> LENGTH_KEYS =
      List.of("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens");

  private static final List<String> SAMPLING_KEYS =
      List.of("do_sample", "temperature", "top_k", "top_p", "min_p", "repetition_penalty");

  static GenerationRule of(TaskConfig task, Tokenizer tokenizer, long seed) {
    Map<String, Object> given = task.generation();
    var unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(LENGTH_KEYS);
    unknown.removeAll(SAMPLING_KEYS);
    unknown.remove("until");
    if (!unknown.isEmpty()) {
      throw new BadInputException(
          "%s: generation_kwargs: \"%s\" is not supported; known: %s, until, %s."
              .formatted(
                  task.file(),
                  String.join("\", \"", unknown),
                  String.join(", ", SAMPLING_KEYS),
                  String.join(", ", LENGTH_KEYS)));
    }
    Sampling sampling = sampling(task, given, seed);
    if (!sampling.isGreedy() && task.repeats() > 1) {
      throw new BadInputException(
          "%s: repeats: %d answers that are sampled are not supported; set repeats: 1, or do_sample: false."
              .formatted(task.file(), task.repeats()));
    }
    return new GenerationRule(
        maxNewTokens(task, given), stop(given.get("until"), tokenizer), sampling);
  }

  /** {@code do_sample} left out means temperature above 0; false means temperature 0. */
  private static Sampling sampling(TaskConfig task, Map<String, Object> given, long seed) {
    Object asked = given.get("do_sample");
    if (asked != null && !(asked instanceof Boolean)) {
      throw new BadInputException(
          "%s: generation_kwargs: do_sample: expected true or false, found %s."
              .formatted(task.file(), asked));
    }
    boolean sampled =
        asked == null ? number(task, given, "temperature", 0) > 0 : Boolean.TRUE.equals(asked);
    double penalty = number(task, given, "repetition_penalty", 1);
    double temperature = sampled ? number(task, given, "temperature", 1) : 0;
    if (sampled && temperature == 0) {
      throw new BadInputException(
          "%s: generation_kwargs: do_sample: true needs a temperature above 0, found 0; set do_sample: false."
              .formatted(task.file()));
    }
    double topK = sampled ? number(task, given, "top_k", 0) : 0;
    if (topK != Math.rint(topK)) {
      throw new BadInputException(
          "%s: generation_kwargs: top_k: expected a whole number, found %s."
              .formatted(task.file(), topK));
    }
    try {
      return new Sampling(
          temperature,
          (int) topK,
          sampled ? number(task, given, "top_p", 1) : 1,
          sampled ? number(task, given, "min_p", 0) : 0,
          penalty,
          sampled ? seed : 0);
    } catch (BadInputException e) {
      throw new BadInputException(
          "%s: generation_kwargs: %s".formatted(task.file(), e.getMessage()), e);
    }
  }

  private static double number(
      TaskConfig task, Map<String, Object> given, String key, double otherwise) {
    Object value = given.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new BadInputException(
        "%s: generation_kwargs: %s: expected a number, found %s."
            .formatted(task.file(), key, value));
  }

  /** Of the document with this number; each draws numbers of its own. */
  GenerationSettings settings(long document) {
    return new GenerationSettings(
        maxNewTokens, stop, sampling.forRequest(document), Optional.empty());
  }

  private static int maxNewTokens(TaskConfig task, Map<String, Object> given) {
    for (String key : LENGTH_KEYS) {
      Object value = given.get(key);
      if (value instanceof Integer number && number > 0) {
        return number;
      }
      if (value != null) {
        throw new BadInputException(
            "%s: generation_kwargs: %s: expected a whole number above 0, found %s."
                .formatted(task.file(), key, value));
      }
    }
    return DEFAULT_NEW_TOKENS;
  }

  private static List<String> stop(Object until, Tokenizer tokenizer) {
    var stop = new ArrayList<String>();
    for (Object one : until instanceof List<?> several ? several : List.of(until)) {
      stop.add(String.valueOf(one));
    }
    tokenizer
        .eos()
        .ifPresent(
            eos -> {
              String text = tokenizer.tokenText(eos);
              if (!stop.contains(text)) {
                stop.add(text);
              }
            });
    return stop;
  }

  /** The text before each stop string, one after the other (postprocess_generated_text). */
  String cut(String text) {
    String kept = text;
    for (String end : stop) {
      int at = end.isEmpty() ? -1 : kept.indexOf(end);
      if (at >= 0) {
        kept = kept.substring(0, at);
      }
    }
    return kept;
  }
}
