package dev.whetstone.training.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** Successive halving: a function of what each trial comes to. */
public final class Rounds {
  private Rounds() {}

  /**
   * A run to be tried.
   *
   * @param steps optimizer steps
   */
  public record Candidate(int round, double learningRate, int rank, int steps) {}

  /**
   * Tries all, then the better of them for longer.
   *
   * @param loss of a candidate's run
   * @return all trials, round by round, the better first in each
   */
  public static List<Trial> run(
      SweepConfig config,
      List<Double> rates,
      List<Integer> ranks,
      Function<Candidate, Trial> loss) {
    var candidates = new ArrayList<Candidate>();
    for (double rate : rates) {
      for (int rank : ranks) {
        candidates.add(new Candidate(0, rate, rank, config.steps()));
      }
    }
    var all = new ArrayList<Trial>();
    List<Candidate> round = candidates;
    while (true) {
      List<Trial> trials = new ArrayList<>(round.stream().map(loss).toList());
      trials.sort(Comparator.comparingDouble(Trial::lossNats)); // stable: the first of equals
      all.addAll(trials);
      if (trials.size() == 1) {
        return all;
      }
      int left = (trials.size() + config.factor() - 1) / config.factor();
      round =
          trials.subList(0, left).stream()
              .map(
                  trial ->
                      new Candidate(
                          trial.round() + 1,
                          trial.learningRate(),
                          trial.rank(),
                          Math.multiplyExact(trial.steps(), config.factor())))
              .toList();
    }
  }
}
