package dev.whetstone.datasets.tokens;

import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.rows.Message;
import java.util.List;
import java.util.stream.IntStream;

/** What the answers of a conversation count in the loss. */
final class Targets {
  private Targets() {}

  /**
   * One weight for each turn of the assistant, in order; 0: it is not learned. What a row says of a
   * turn stands above the recipe; of a pair or a labelled answer, no turn of the prompt is learned.
   *
   * @param promptTurns of a pair or a labelled answer, else 0
   */
  static double[] of(List<Message> turns, int promptTurns, LossOn lossOn) {
    int[] answers = answers(turns);
    double[] weights = new double[answers.length];
    for (int i = 0; i < answers.length; i++) {
      Double said = turns.get(answers[i]).weight();
      boolean byRecipe = promptTurns > 0 || lossOn != LossOn.COMPLETION || i == answers.length - 1;
      boolean ofThePrompt = answers[i] < promptTurns;
      weights[i] = ofThePrompt ? 0 : said != null ? said : byRecipe ? 1 : 0;
    }
    return weights;
  }

  private static int[] answers(List<Message> turns) {
    return IntStream.range(0, turns.size())
        .filter(i -> turns.get(i).role().equals(Message.ASSISTANT))
        .toArray();
  }
}
