package dev.whetstone.eval.result;

import java.util.Map;
import java.util.Optional;

/**
 * What a results file says about the run beside the scores.
 *
 * @param modelName the adapter's path where there is one, else the model's, as lm-eval names it
 * @param modelArgs {@code pretrained}, {@code peft}
 * @param chatTemplate its source, where it was applied
 * @param limit documents a task, where it was limited
 * @param tokenizer {@code tokenizer_*} entries and {@code eot_token_id}
 * @param date seconds since 1970
 * @param fileDate local date and time as file names hold it
 * @param versions of the program
 */
public record RunDescription(
    String modelName,
    Map<String, String> modelArgs,
    long parameters,
    String systemInstruction,
    Optional<String> chatTemplate,
    boolean fewshotAsMultiturn,
    Optional<Integer> limit,
    long seed,
    Map<String, Object> tokenizer,
    int maxLength,
    double date,
    String fileDate,
    Map<String, String> versions) {}
