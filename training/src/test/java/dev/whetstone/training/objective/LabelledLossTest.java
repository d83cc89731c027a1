package dev.whetstone.training.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.training.objective.Objective.Kind;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LabelledLossTest {
  private static final Objective KTO = new Objective(Kind.KTO, 0.3, null, null, 1.5, 0.5);

  /** The slow twin: the formula of arXiv 2402.01306, equation 8, as it stands. */
  @Test
  void lossesAreThoseOfThePaperAndSlopesThoseOfTheLoss() {
    double h = 1e-6;
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      boolean good = random.nextBoolean();
      double ratio = 20 * random.nextGaussian();
      double divergence = 5 * random.nextDouble();
      LabelledLoss loss = LabelledLoss.of(KTO, good, ratio, divergence);
      assertThat(loss.loss())
          .as("seed %d", seed)
          .isCloseTo(naive(good, ratio, divergence), within(1e-12));
      double slope =
          (naive(good, ratio + h, divergence) - naive(good, ratio - h, divergence)) / (2 * h);
      assertThat(loss.slope()).as("seed %d", seed).isCloseTo(slope, within(1e-8));
      assertThat(loss.reward()).isEqualTo(0.3 * ratio);
    }
  }

  private static double naive(boolean good, double ratio, double divergence) {
    double x = 0.3 * (good ? ratio - divergence : divergence - ratio);
    return (good ? 1.5 : 0.5) * (1 - 1 / (1 + Math.exp(-x)));
  }
}
