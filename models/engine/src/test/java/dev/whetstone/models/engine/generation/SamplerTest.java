package dev.whetstone.models.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.artifacts.BadInputException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static float[] logits(Random random, int size, double deviation) {
    var logits = new float[size];
    for (int v = 0; v < size; v++) {
      // Some are equal, as in a model that rounds.
      logits[v] = Math.round(8 * deviation * random.nextGaussian()) / 8f;
    }
    return logits;
  }

  private static BitSet some(Random random, int size) {
    var seen = new BitSet();
    random.ints(size / 4, 0, size).forEach(seen::set);
    return seen;
  }

  private static Sampling settings(Random random) {
    return new Sampling(
        0.2 + 2 * random.nextDouble(),
        random.nextBoolean() ? 0 : 1 + random.nextInt(60),
        random.nextBoolean() ? 1 : random.nextDouble(),
        random.nextBoolean() ? 0 : random.nextDouble() / 2,
        random.nextBoolean() ? 1 : 0.5 + random.nextDouble(),
        random.nextLong());
  }

  @Test
  void theDistributionIsThatOfTheRulesOneByOne() {
    for (long seed = 0; seed < 2000; seed++) {
      var random = new Random(seed);
      int size = 1 + random.nextInt(120);
      float[] logits = logits(random, size, 3);
      BitSet seen = some(random, size);
      Sampling settings = settings(random);
      double[] expected = NaiveSampling.probabilities(settings, logits, seen);
      double[] found = new Sampler(settings).probabilities(logits, seen);
      for (int v = 0; v < size; v++) {
        assertThat(found[v])
            .as("seed %d, %s, token %d", seed, settings, v)
            .isCloseTo(expected[v], within(1e-12));
      }
    }
  }

  @Test
  void drawsFitTheDistribution() {
    int draws = 20_000;
    for (long seed = 0; seed < 12; seed++) {
      var random = new Random(seed);
      float[] logits = logits(random, 100, 2);
      BitSet seen = some(random, 100);
      Sampling settings = settings(random);
      long[] counts = new long[100];
      for (int draw = 0; draw < draws; draw++) {
        counts[new Sampler(settings.forRequest(draw)).next(logits, seen, 0)]++;
      }
      long[] ofOneRequest = new long[100];
      var sampler = new Sampler(settings);
      for (int step = 0; step < draws; step++) {
        ofOneRequest[sampler.next(logits, seen, step)]++;
      }
      double[] expected = NaiveSampling.probabilities(settings, logits, seen);
      for (long[] counted : new long[][] {counts, ofOneRequest}) {
        ChiSquare.Fit fit = ChiSquare.of(counted, expected);
        assertThat(fit.holds()).as("seed %d, %s: %s", seed, settings, fit).isTrue();
      }
    }
  }

  @Test
  void drawsOfAnotherTemperatureDoNotFit() {
    float[] logits = logits(new Random(1), 100, 2);
    long[] counts = new long[100];
    for (int draw = 0; draw < 20_000; draw++) {
      counts[new Sampler(new Sampling(0.75, 0, 1, 0, 1, draw)).next(logits, new BitSet(), 0)]++;
    }
    double[] cooler =
        NaiveSampling.probabilities(new Sampling(0.7, 0, 1, 0, 1, 0), logits, new BitSet());
    assertThat(ChiSquare.of(counts, cooler).holds()).isFalse();
  }

  @Test
  void onlyAllowedTokensAreDrawnAndInTheirProportions() {
    float[] logits = logits(new Random(2), 100, 1);
    BitSet allowed = some(new Random(3), 100);
    long[] counts = new long[100];
    var sampler = new Sampler(new Sampling(1, 0, 1, 0, 1, 9));
    for (int step = 0; step < 20_000; step++) {
      counts[sampler.next(logits, new BitSet(), allowed, step)]++;
    }
    float[] masked = logits.clone();
    for (int v = 0; v < masked.length; v++) {
      masked[v] = allowed.get(v) ? masked[v] : Float.NEGATIVE_INFINITY;
    }
    double[] expected =
        NaiveSampling.probabilities(new Sampling(1, 0, 1, 0, 1, 0), masked, new BitSet());
    assertThat(ChiSquare.of(counts, expected).holds()).isTrue();
  }

  @Test
  void atTemperature0TheFirstOfTheHighestIsTaken() {
    float[] logits = {1, 3, 2, 3, -1};
    BitSet seen = new BitSet();
    assertThat(new Sampler(Sampling.GREEDY).next(logits, seen, 0)).isEqualTo(1);
    seen.set(1);
    seen.set(3);
    assertThat(new Sampler(new Sampling(0, 0, 1, 0, 2, 0)).next(logits, seen, 0)).isEqualTo(2);
  }

  @Test
  void aTinyTemperatureIsNoTrouble() {
    float[] logits = {300, 299, -400};
    assertThat(new Sampler(new Sampling(1e-30, 2, 0.5, 0.1, 1, 5)).next(logits, new BitSet(), 3))
        .isZero();
  }

  @Test
  void logitsThatAreNoNumbersAreBadInput() {
    for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      for (double temperature : new double[] {0, 1}) {
        var sampler = new Sampler(new Sampling(temperature, 0, 1, 0, 1.1, 0));
        assertThatThrownBy(() -> sampler.next(new float[] {1, wrong, 2}, new BitSet(), 0))
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("a logit of " + wrong);
      }
    }
    float[] none = new float[3];
    Arrays.fill(none, Float.NEGATIVE_INFINITY);
    assertThatThrownBy(() -> new Sampler(Sampling.GREEDY).next(none, new BitSet(), 0))
        .isInstanceOf(BadInputException.class);
  }

  @Test
  void settingsOutOfRangeAreAllNamed() {
    assertThatThrownBy(() -> new Sampling(-1, -2, 1.5, Double.NaN, 0, 0))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("temperature must be 0 or more, found -1.0")
        .hasMessageContaining("top-k must be 0 (off) or more, found -2")
        .hasMessageContaining("top-p must lie in [0, 1], found 1.5")
        .hasMessageContaining("min-p must lie in [0, 1], found NaN")
        .hasMessageContaining("the repetition penalty must be above 0, found 0.0");
  }

  @Test
  void numbersOfNeighbouringSeedsAreUniformAndUnlike() {
    long[] counts = new long[64];
    for (long seed = 0; seed < 20_000; seed++) {
      counts[(int) (64 * new SeededUniform(seed).at(0))]++;
    }
    double[] even = new double[64];
    Arrays.fill(even, 1.0 / 64);
    assertThat(ChiSquare.of(counts, even).holds()).isTrue();
    assertThat(new SeededUniform(1).at(1)).isNotEqualTo(new SeededUniform(2).at(0));
  }
}
