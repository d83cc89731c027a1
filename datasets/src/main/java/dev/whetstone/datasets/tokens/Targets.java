package dev.whetstone.datasets.tokens;

import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.rows.Message;
import java.util.List;
import java.util.stream.IntStream;

/** Which turns of a conversation are learned. */
final class Targets {
  private Targets() {}

  /**
   * One flag for each turn of the assistant, in order. What a row says of a turn ({@code loss})
   * stands above the recipe; of a pair or a labelled answer, no turn of the prompt is learned.
   *
   * @param promptTurns of a pair or a labelled answer, else 0
   */
  static boolean[] of(List<Message> turns, int promptTurns, LossOn lossOn) {
    int[] answers = answers(turns);
    boolean[] targets = new boolean[answers.length];
    for (int i = 0; i < answers.length; i++) {
      Boolean loss = turns.get(answers[i]).loss();
      boolean last = i == answers.length - 1;
      targets[i] =
          promptTurns > 0
              ? answers[i] >= promptTurns && (loss == null || loss)
              : loss != null ? loss : lossOn != LossOn.COMPLETION || last;
    }
    return targets;
  }

  private static int[] answers(List<Message> turns) {
    return IntStream.range(0, turns.size())
        .filter(i -> turns.get(i).role().equals(Message.ASSISTANT))
        .toArray();
  }
}
