package dev.whetstone.eval.metric;

import java.util.Optional;

/** A score of one document; over documents it is averaged. */
public interface Metric {
  /** A Long or Double, as lm-eval writes it into the samples. */
  Number score(ScoredDocument document);

  /** Why this document's score is less than a fair wrong answer, such as {@code unparsed}. */
  default Optional<String> remark(ScoredDocument document) {
    return Optional.empty();
  }
}
