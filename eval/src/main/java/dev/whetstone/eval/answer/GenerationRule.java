package dev.whetstone.eval.answer;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.models.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * How a task's text is generated: greedily, up to a stop string. As {@code normalize_gen_kwargs}
 * and {@code handle_stop_sequences} of {@code lm_eval/models/utils.py}.
 *
 * @param maxNewTokens at most this many
 * @param stop the text ends before the first of these
 */
record GenerationRule(int maxNewTokens, List<String> stop) {
  private static final int DEFAULT_NEW_TOKENS = 256;

  /** In the order in which they count. */
  private static final List<String> LENGTH_KEYS =
      List.of("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens");

  static GenerationRule of(TaskConfig task, Tokenizer tokenizer) {
    Map<String, Object> given = task.generation();
    var unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(LENGTH_KEYS);
    unknown.removeAll(List.of("until", "do_sample", "temperature"));
    if (!unknown.isEmpty()) {
      throw new BadInputException(
          "%s: generation_kwargs: \"%s\" is not supported; known: do_sample, temperature, until, %s."
              .formatted(
                  task.file(), String.join("\", \"", unknown), String.join(", ", LENGTH_KEYS)));
    }
    boolean warm = given.get("temperature") instanceof Number t && t.doubleValue() > 0;
    Object sample = given.get("do_sample");
    if (Boolean.TRUE.equals(sample) || (sample == null && warm)) {
      throw new BadInputException(
          "%s: generation_kwargs ask for sampling; only greedy generation is supported: set do_sample: false."
              .formatted(task.file()));
    }
    return new GenerationRule(maxNewTokens(task, given), stop(given.get("until"), tokenizer));
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
