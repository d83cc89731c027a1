package dev.whetstone.training.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.training.objective.Objective.Kind;
import dev.whetstone.training.objective.PairLoss.Sums;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairLossTest {
  private static final List<Kind> PAIRS = List.of(Kind.DPO, Kind.IPO, Kind.ORPO, Kind.SIMPO);
  private static final Sums SUMS = new Sums(-20, -26, -22.5, -24, 8, 10);

  /**
   * Loss and both slopes by the formulas of TRL 1.16.0 (trl/trainer/dpo_trainer.py,
   * CPOTrainer.cpo_loss, ORPOTrainer.odds_ratio_loss in float64) and torch 2.15's autograd, for
   * {@link #SUMS}.
   */
  @ParameterizedTest
  @CsvSource({
    "DPO,   0.1, 0,   0, 0.4932489459974549,  -0.03893607660507781,  0.03893607660507781",
    "DPO,   0.1, 0.2, 0, 0.5832489459974549,  -0.018936076605077803, 0.018936076605077803",
    "IPO,   0.1, 0,   0, 20.13765625,         -1.121875,             0.8975",
    "ORPO,  0.1, 0,   0, 0.06403803074191639, -0.006439976336883275, 0.005108507869294393",
    "SIMPO, 2.0, 0.1, 1, 1.0911006659477778,  -0.1474936202819031,   0.11799489622552248",
  })
  void lossesAndSlopesAreTrls(
      Kind kind,
      double beta,
      double smoothing,
      double gamma,
      double loss,
      double chosen,
      double rejected) {
    PairLoss found = PairLoss.of(objective(kind, beta, smoothing, gamma), SUMS);
    assertThat(found.loss()).isCloseTo(loss, within(1e-12));
    assertThat(found.chosenSlope()).isCloseTo(chosen, within(1e-12));
    assertThat(found.rejectedSlope()).isCloseTo(rejected, within(1e-12));
  }

  private static Objective objective(Kind kind, double beta, double smoothing, double gamma) {
    return new Objective(kind, beta, smoothing, gamma, null, null);
  }

  @Test
  void slopesAreThoseOfTheLoss() {
    double h = 1e-5;
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      Kind kind = PAIRS.get(random.nextInt(PAIRS.size()));
      Objective objective = objective(kind, 0.1 + random.nextDouble(), 0, 0);
      double[] at = random.doubles(4, -40, -0.5).toArray();
      int chosen = 1 + random.nextInt(20);
      int rejected = 1 + random.nextInt(20);
      PairLoss loss = PairLoss.of(objective, sums(at, chosen, rejected));
      for (int side = 0; side < 2; side++) {
        double[] up = at.clone();
        double[] down = at.clone();
        up[side] += h;
        down[side] -= h;
        double slope =
            (PairLoss.of(objective, sums(up, chosen, rejected)).loss()
                    - PairLoss.of(objective, sums(down, chosen, rejected)).loss())
                / (2 * h);
        double found = side == 0 ? loss.chosenSlope() : loss.rejectedSlope();
        assertThat(found)
            .as("seed %d, %s, side %d", seed, kind, side)
            .isCloseTo(slope, within(1e-6 + 1e-5 * Math.abs(slope)));
      }
    }
  }

  private static Sums sums(double[] at, int chosen, int rejected) {
    return new Sums(at[0], at[1], at[2], at[3], chosen, rejected);
  }

  @Test
  void swappingTheSidesTurnsTheMargin() {
    Objective dpo = Objective.named("dpo");
    PairLoss one = PairLoss.of(dpo, SUMS);
    PairLoss other = PairLoss.of(dpo, new Sums(-26, -20, -24, -22.5, 10, 8));
    assertThat(other.chosenReward() - other.rejectedReward())
        .isCloseTo(one.rejectedReward() - one.chosenReward(), within(1e-12));
    assertThatThrownBy(() -> PairLoss.of(Objective.named("sft"), SUMS))
        .hasMessageContaining("sft has no pairs");
  }

  @Test
  void farFromZeroNothingOverflows() {
    for (Kind kind : new Kind[] {Kind.DPO, Kind.ORPO, Kind.SIMPO}) {
      for (Sums sums :
          new Sums[] {
            new Sums(-1e-9, -9e3, -9e3, -1, 4, 4), new Sums(-9e3, -1e-9, -1, -9e3, 4, 4)
          }) {
        PairLoss loss = PairLoss.of(objective(kind, 5, 0, 0), sums);
        assertThat(loss.loss()).isFinite();
        assertThat(loss.chosenSlope()).isFinite();
        assertThat(loss.rejectedSlope()).isFinite();
      }
    }
  }
}
