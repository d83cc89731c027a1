package dev.whetstone.leaderboard.entry;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One document of a task as one result answered it.
 *
 * @param docId index of the document in its split
 * @param docHash hash of the document, as lm-evaluation-harness makes it
 * @param targetHash hash of the expected answer
 * @param prompt text before the answer; empty if the file had none
 * @param target the expected answer, readable (a choice's text, not its index)
 * @param answer what the model said, readable
 * @param scores by metric and filter, such as {@code acc,none}; a metric that gives no number for
 *     single documents is absent
 * @param exposure whether the model was trained on the document
 */
public record Sample(
    long docId,
    String docHash,
    String targetHash,
    String prompt,
    String target,
    String answer,
    Map<String, Double> scores,
    Exposure exposure) {
  public Sample {
    requireNonNull(docHash, "docHash is null");
    requireNonNull(targetHash, "targetHash is null");
    requireNonNull(prompt, "prompt is null");
    requireNonNull(target, "target is null");
    requireNonNull(answer, "answer is null");
    scores = Collections.unmodifiableMap(new TreeMap<>(scores));
    requireNonNull(exposure, "exposure is null");
  }

  public Sample withExposure(Exposure found) {
    return new Sample(docId, docHash, targetHash, prompt, target, answer, scores, found);
  }
}
