package dev.whetstone.training.loop;

import dev.whetstone.artifacts.dataset.DatasetFolder.TokenPair;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenRow;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Pass;
import dev.whetstone.training.loop.AnswerRows.Answer;
import dev.whetstone.training.objective.Objective;
import dev.whetstone.training.objective.Objective.Kind;
import dev.whetstone.training.objective.PairLoss;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Preferences: an example is a pair, the loss the mean over the pairs of a step. ORPO adds the mean
 * cross-entropy over all tokens of the chosen sides, prompts too (TRL, trl/experimental/orpo).
 */
public final class PairWork implements Work {
  private final List<TokenPair> pairs;
  private final Objective objective;
  private final int length;

  /**
   * @param length tokens that a forward pass should hold at most
   */
  public PairWork(List<TokenPair> pairs, Objective objective, int length) {
    this.pairs = List.copyOf(pairs);
    this.objective = objective;
    this.length = length;
  }

  @Override
  public int examples() {
    return pairs.size();
  }

  @Override
  public long passTokens() {
    return Math.max(length, longest());
  }

  @Override
  public List<PackedRow> rows(int example) {
    return List.of(
        answer(pairs.get(example).chosen()).alone(), answer(pairs.get(example).rejected()).alone());
  }

  @Override
  public List<String> rowIds(int example) {
    return List.of(pairs.get(example).chosen().id());
  }

  private static Answer answer(TokenRow row) {
    return new Answer(row.inputIds(), row.labels());
  }

  /** Every token is a target where the whole chosen side is learned. */
  private Answer chosen(TokenRow row) {
    return objective.kind() == Kind.ORPO ? new Answer(row.inputIds(), row.inputIds()) : answer(row);
  }

  @Override
  public Outcome accumulate(TrainableModel model, List<Integer> examples, long key) {
    return run(model, examples, key, true);
  }

  @Override
  public Outcome measure(TrainableModel model, List<Integer> examples) {
    return run(model, examples, 0, false);
  }

  private Outcome run(TrainableModel model, List<Integer> examples, long key, boolean training) {
    List<TokenPair> some = examples.stream().map(pairs::get).toList();
    List<AnswerRows.Row> rows =
        AnswerRows.pack(
            some.stream()
                .map(pair -> List.of(chosen(pair.chosen()), answer(pair.rejected())))
                .toList(),
            length);
    long chosenTokens = some.stream().mapToLong(pair -> pair.chosen().inputIds().length - 1L).sum();
    var sums = new Sums();
    int index = 0;
    for (AnswerRows.Row row : rows) {
      PackedRow packed = row.packed();
      double[] base = objective.kind().needsBase() ? model.baseNats(packed) : new double[0];
      if (training) {
        try (Pass pass = model.forward(packed, Keys.of(key, index++))) {
          pass.backward(losses(some, row, pass.nats(), base, chosenTokens, sums));
        }
      } else {
        losses(some, row, model.nats(packed), base, chosenTokens, sums);
      }
    }
    int count = examples.size();
    return new Outcome(
        sums.loss / count + sums.crossEntropy,
        Map.of(
            "margin", sums.margin / count,
            "accuracy", sums.right / count,
            "reward_chosen", sums.chosen / count,
            "reward_rejected", sums.rejected / count));
  }

  /** What a step adds up. */
  private static final class Sums {
    double loss;
    double crossEntropy;
    double margin;
    double right;
    double chosen;
    double rejected;

    void add(PairLoss pair) {
      loss += pair.loss();
      margin += pair.chosenReward() - pair.rejectedReward();
      right += pair.chosenReward() > pair.rejectedReward() ? 1 : 0;
      chosen += pair.chosenReward();
      rejected += pair.rejectedReward();
    }
  }

  /** Adds a row's losses, and returns the slopes along the nats of its targets. */
  private double[] losses(
      List<TokenPair> some,
      AnswerRows.Row row,
      double[] nats,
      double[] base,
      long chosenTokens,
      Sums sums) {
    double[] weights = new double[nats.length];
    int at = 0;
    for (int i = 0; i < row.count(); i++) {
      TokenPair pair = some.get(row.first() + i);
      Span chosen = new Span(at, chosen(pair.chosen()), answer(pair.chosen()));
      Span rejected = new Span(chosen.end(), answer(pair.rejected()), answer(pair.rejected()));
      at = rejected.end();
      PairLoss loss =
          PairLoss.of(
              objective,
              new PairLoss.Sums(
                  chosen.logProb(nats),
                  rejected.logProb(nats),
                  base.length == 0 ? 0 : chosen.logProb(base),
                  base.length == 0 ? 0 : rejected.logProb(base),
                  chosen.learned.targets(),
                  rejected.learned.targets()));
      sums.add(loss);
      chosen.slope(-loss.chosenSlope() / some.size(), weights);
      rejected.slope(-loss.rejectedSlope() / some.size(), weights);
      if (objective.kind() == Kind.ORPO) {
        for (int t = chosen.start; t < chosen.end(); t++) {
          sums.crossEntropy += nats[t] / chosenTokens;
          weights[t] += 1.0 / chosenTokens;
        }
      }
    }
    return weights;
  }

  /**
   * The targets of one answer among those of its row.
   *
   * @param start first target
   * @param fed what was fed: each target of it has a place
   * @param learned what the preference is about: some of them
   */
  private record Span(int start, Answer fed, Answer learned) {
    int end() {
      return start + fed.targets();
    }

    double logProb(double[] nats) {
      double sum = 0;
      for (int place : places()) {
        sum -= nats[place];
      }
      return sum;
    }

    void slope(double each, double[] weights) {
      for (int place : places()) {
        weights[place] += each;
      }
    }

    private int[] places() {
      int[] places = new int[learned.targets()];
      int n = 0;
      int place = start;
      for (int i = 1; i < fed.labels().length; i++) {
        if (fed.labels()[i] >= 0) {
          if (learned.labels()[i] >= 0) {
            places[n++] = place;
          }
          place++;
        }
      }
      return Arrays.copyOf(places, n);
    }
  }
}
