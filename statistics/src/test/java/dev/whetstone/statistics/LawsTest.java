package dev.whetstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LawsTest {
  private static PairCounts randomPairs(Random random) {
    return new PairCounts(
        random.nextInt(60), random.nextInt(20), random.nextInt(20), 1 + random.nextInt(60));
  }

  private static double[] random(Random random, int n, int levels) {
    return random.ints(n, 0, levels).mapToDouble(level -> (double) level / (levels - 1)).toArray();
  }

  @Test
  void differenceChangesItsSignWhenTheModelsSwap() {
    for (long seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      PairCounts pairs = randomPairs(random);
      PairedDifference one = PairedDifference.of(pairs, 0.95);
      PairedDifference other = PairedDifference.of(pairs.swapped(), 0.95);
      assertThat(other.value()).as("seed %d", seed).isEqualTo(-one.value());
      Interval negated = other.interval().orElseThrow().negated();
      assertThat(one.interval().orElseThrow().low())
          .as("seed %d", seed)
          .isCloseTo(negated.low(), within(1e-12));
      assertThat(McNemar.exact(pairs))
          .as("seed %d", seed)
          .isEqualTo(McNemar.exact(pairs.swapped()));

      double[] a = random(random, 30, 6);
      double[] b = random(random, 30, 6);
      assertThat(PairedDifference.of(a, b, 0.9).value())
          .as("seed %d", seed)
          .isCloseTo(-PairedDifference.of(b, a, 0.9).value(), within(1e-12));
      assertThat(SignFlipTest.pValue(PairedDifference.differences(a, b), 200, seed))
          .as("seed %d", seed)
          .isEqualTo(SignFlipTest.pValue(PairedDifference.differences(b, a), 200, seed));
    }
  }

  @Test
  void countedPairsAgreeWithTheSlowMean() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      double[] a = random(random, 2 + random.nextInt(80), 2);
      double[] b = random(random, a.length, 2);
      PairedDifference counted = PairedDifference.of(PairCounts.of(a, b), 0.95);
      PairedDifference slow = PairedDifference.of(a, b, 0.95);
      assertThat(counted.value()).as("seed %d", seed).isCloseTo(slow.value(), within(1e-12));
      assertThat(counted.standardError().orElseThrow())
          .as("seed %d", seed)
          .isCloseTo(slow.standardError().orElseThrow(), within(1e-12));
    }
  }

  @Test
  void exactSignFlipsOfSingleFlipsAreMcNemar() {
    for (int candidate = 0; candidate <= 6; candidate++) {
      for (int baseline = 0; baseline <= 6; baseline++) {
        double[] differences = new double[candidate + baseline + 1];
        Arrays.fill(differences, 0, candidate, 1);
        Arrays.fill(differences, candidate, candidate + baseline, -1);
        assertThat(SignFlipTest.pValue(differences, 1 << 13, 0))
            .as("%d, %d", candidate, baseline)
            .isCloseTo(McNemar.exact(new PairCounts(0, candidate, baseline, 1)), within(1e-12));
      }
    }
  }

  @Test
  void sampledSignFlipsComeNearTheExact() {
    double[] differences = new Random(1).doubles(12, -0.4, 0.8).toArray();
    double exact = SignFlipTest.pValue(differences, 1 << 12, 0);
    assertThat(SignFlipTest.pValue(differences, (1 << 12) - 1, 5)).isCloseTo(exact, within(0.02));
  }

  @Test
  void everyIntervalHoldsItsEstimateAndHasAWidth() {
    for (long seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      int n = 1 + random.nextInt(200);
      int right = random.nextInt(n + 1);
      Interval wilson = Wilson.interval(right, n, 0.95);
      assertThat(wilson.contains((double) right / n)).as("seed %d", seed).isTrue();
      assertThat(wilson.high() - wilson.low()).as("seed %d", seed).isPositive();
      assertThat(wilson.low()).isBetween(0.0, 1.0);
      PairedDifference difference = PairedDifference.of(randomPairs(random), 0.99);
      assertThat(difference.interval().orElseThrow().contains(difference.value()))
          .as("seed %d", seed)
          .isTrue();
    }
  }

  @Test
  void nothingIsMadeUpWithoutSpread() {
    assertThat(Mean.of(new double[] {1}).standardError()).isEmpty();
    assertThat(Mean.of(new double[] {1}).interval(0.95)).isEmpty();
    assertThat(Mean.of(new double[] {1, 1, 1}).interval(0.95)).isEmpty();
    assertThat(PairedBootstrap.interval(new double[] {0, 0, 0}, 100, 0, 0.95)).isEmpty();
    assertThat(Power.minimumDetectableEffect(3, 0.1, 0.05, 0.8)).isEmpty();
    assertThatThrownBy(() -> new Interval(1, 1, 0.95)).hasMessageContaining("low must be < high");
    assertThatThrownBy(() -> Mean.of(new double[0])).hasMessageContaining("undefined");
    assertThatThrownBy(() -> Mean.of(new double[] {Double.NaN})).hasMessageContaining("finite");
    assertThatThrownBy(() -> PairedDifference.of(new double[1], new double[2], 0.95))
        .hasMessageContaining("1 and 2");
  }

  @Test
  void correctedPAreNeverSmallerAndKeepTheirOrder() {
    for (long seed = 0; seed < 200; seed++) {
      double[] p = new Random(seed).doubles(1 + seed % 12).toArray();
      double[] holm = Corrections.holm(p);
      double[] hochberg = Corrections.benjaminiHochberg(p);
      for (int i = 0; i < p.length; i++) {
        assertThat(holm[i]).as("seed %d", seed).isBetween(hochberg[i], 1.0);
        assertThat(hochberg[i]).as("seed %d", seed).isGreaterThanOrEqualTo(p[i] - 1e-15);
        for (int j = 0; j < p.length; j++) {
          if (p[i] < p[j]) {
            assertThat(holm[i]).as("seed %d", seed).isLessThanOrEqualTo(holm[j]);
          }
        }
      }
    }
  }

  @Test
  void smallestEffectNeedsJustTheseDocuments() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      double psi = 0.02 + 0.5 * random.nextDouble();
      int n = 50 + random.nextInt(3000);
      Power.minimumDetectableEffect(n, psi, 0.05, 0.8)
          .ifPresent(
              effect ->
                  assertThat(Power.documents(effect, psi, 0.05, 0.8).orElseThrow())
                      .isCloseTo(n, within(1e-6 * n)));
    }
  }

  /** A simulation: 95 % intervals must hold the truth about 95 times in 100. */
  @Test
  void intervalsCoverTheTruth() {
    var random = new Random(7);
    int worlds = 1500;
    int wilson = 0;
    int newcombe = 0;
    int bootstrap = 0;
    for (int world = 0; world < worlds; world++) {
      double[] baseline = new double[80];
      double[] candidate = new double[80];
      for (int i = 0; i < baseline.length; i++) {
        double hardness = random.nextDouble(); // right with 1/2 and 2/3 on average
        baseline[i] = random.nextDouble() > hardness ? 1 : 0;
        candidate[i] = random.nextDouble() > hardness * hardness ? 1 : 0;
      }
      long right = (long) Arrays.stream(baseline).sum();
      wilson += Wilson.interval(right, baseline.length, 0.95).contains(0.5) ? 1 : 0;
      PairedDifference difference = PairedDifference.of(PairCounts.of(baseline, candidate), 0.95);
      newcombe += difference.interval().orElseThrow().contains(1.0 / 6) ? 1 : 0;
      double[] differences = PairedDifference.differences(baseline, candidate);
      bootstrap +=
          PairedBootstrap.interval(differences, 200, world, 0.95).orElseThrow().contains(1.0 / 6)
              ? 1
              : 0;
    }
    // 4 standard errors of a share of 0.95 are 0.0225.
    assertThat((double) wilson / worlds).isCloseTo(0.95, within(0.0225));
    assertThat((double) newcombe / worlds).isCloseTo(0.95, within(0.0225));
    assertThat((double) bootstrap / worlds).isCloseTo(0.95, within(0.03));
  }
}
