package dev.whetstone.training.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {
  @Test
  void theBetterHalfGoesOnForTwiceTheSteps() {
    var config = new SweepConfig(null, null, 10, 2);
    List<Trial> trials =
        Rounds.run(
            config,
            List.of(0.1, 0.2, 0.3),
            List.of(4, 8),
            // The best is rate 0.2 with rank 8.
            candidate ->
                new Trial(
                    candidate.round(),
                    candidate.learningRate(),
                    candidate.rank(),
                    candidate.steps(),
                    Math.abs(candidate.learningRate() - 0.2) + 1.0 / candidate.rank(),
                    "f"));
    assertThat(trials).extracting(Trial::round).containsExactly(0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3);
    assertThat(trials).extracting(Trial::steps).endsWith(40, 40, 80);
    Trial best = trials.get(trials.size() - 1);
    assertThat(best.learningRate()).isEqualTo(0.2);
    assertThat(best.rank()).isEqualTo(8);
  }
}
