package dev.whetstone.eval.answer;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * What a model answered to one request: a scored continuation, or a generated text.
 *
 * @param tokens [T] scored or generated ids
 * @param logProbs [T] in nats, empty where text was generated
 * @param greedy whether every scored token was the likeliest
 * @param text what was generated, empty where a continuation was scored
 * @param finish why generation ended, empty likewise
 */
public record Answer(
    List<Integer> tokens, List<Float> logProbs, boolean greedy, String text, String finish) {
  public Answer {
    tokens = List.copyOf(tokens);
    logProbs = List.copyOf(logProbs);
    requireNonNull(text, "text is null");
    requireNonNull(finish, "finish is null");
  }

  /** Sum of the log-probabilities, added up in double. */
  @JsonIgnore
  public double logLikelihood() {
    double sum = 0;
    for (float logProb : logProbs) {
      sum += logProb;
    }
    return sum;
  }
}
