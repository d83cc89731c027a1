package dev.whetstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers of other programs: SciPy 1.17.1, by the call in each test. */
class GoldenNumbersTest {
  private static final Offset<Double> CLOSE = within(1e-9);
  private static final double[] BASELINE = {.1, .5, .75, 1, .3, .2};
  private static final double[] CANDIDATE = {.4, .5, .9, .8, .9, .65};

  /** {@code binomtest(k, n).proportion_ci(0.95, "wilson")}. */
  @ParameterizedTest
  @CsvSource({
    "10, 20, 0.2992980081982124, 0.7007019918017876",
    "0, 30, 0.0, 0.11351339317396875",
    "30, 30, 0.8864866068260312, 1.0",
    "62, 120, 0.4281358041299209, 0.6041635569894558",
    "1, 3, 0.06149194472039626, 0.7923403991979523"
  })
  void wilson(long successes, long n, double low, double high) {
    Interval interval = Wilson.interval(successes, n, 0.95);
    assertThat(interval.low()).isCloseTo(low, CLOSE);
    assertThat(interval.high()).isCloseTo(high, CLOSE);
  }

  /**
   * {@code binomtest(b, b + c).pvalue}; mid-p: {@code 2 * cdf(m) - pmf(m)} of {@code binom(b + c,
   * .5)}, with b = c {@code 1 - pmf(b) / 2}.
   */
  @ParameterizedTest
  @CsvSource({
    "18, 18, 1.0, 0.9339697002142201",
    "33, 31, 0.9006532462520334, 0.8043170001933988",
    "30, 15, 0.035697803555194696, 0.02589608179323478",
    "12, 3, 0.03515625, 0.02127075195312501",
    "1, 2, 1.0, 0.625",
    "6, 14, 0.11531829833984375, 0.07835388183593747",
    "75, 0, 5.293955920339377e-23, 2.646977960169688e-23",
    "5, 5, 1.0, 0.876953125"
  })
  void mcNemar(long onlyCandidate, long onlyBaseline, double exact, double midP) {
    PairCounts pairs = new PairCounts(7, onlyCandidate, onlyBaseline, 11);
    assertThat(McNemar.exact(pairs)).isCloseTo(exact, CLOSE);
    assertThat(McNemar.midP(pairs)).isCloseTo(midP, CLOSE);
  }

  /** {@code ttest_rel(candidate, baseline).confidence_interval(0.95)}, {@code sem(difference)}. */
  @Test
  void studentsIntervalOfDifferences() {
    PairedDifference difference = PairedDifference.of(BASELINE, CANDIDATE, 0.95);
    assertThat(difference.value()).isCloseTo(0.2166666666666667, CLOSE);
    assertThat(difference.standardError().orElseThrow()).isCloseTo(0.12018504251546633, CLOSE);
    assertThat(difference.interval().orElseThrow().low()).isCloseTo(-0.09227882053876921, CLOSE);
    assertThat(difference.interval().orElseThrow().high()).isCloseTo(0.5256121538721026, CLOSE);
  }

  /** {@code permutation_test((candidate, baseline), mean of x - y, permutation_type="samples")}. */
  @Test
  void exactSignFlips() {
    double[] differences = PairedDifference.differences(BASELINE, CANDIDATE);
    assertThat(SignFlipTest.pValue(differences, 64, 0)).isCloseTo(0.1875, CLOSE);
  }

  /** {@code false_discovery_control([.01, .04, .03, .005, .5])}; Holm by hand. */
  @Test
  void corrections() {
    double[] p = {.01, .04, .03, .005, .5};
    assertThat(Corrections.benjaminiHochberg(p))
        .containsExactly(new double[] {.025, .05, .05, .025, .5}, CLOSE);
    assertThat(Corrections.holm(p)).containsExactly(new double[] {.04, .09, .09, .025, .5}, CLOSE);
  }

  /**
   * Newcombe's method 10, computed again in NumPy from SciPy's Wilson bounds (a, b, c, d = both
   * right, only candidate, only baseline, both wrong).
   */
  @ParameterizedTest
  @CsvSource({
    "36, 12, 2, 0, 0.05692958400323875, 0.3404276029749408",
    "1, 75, 0, 44, 0.5283748428916549, 0.7061279343256833",
    "10, 0, 0, 10, -0.08975665937768049, 0.08975665937768049",
    "19, 1, 0, 0, -0.11628906100603126, 0.23613119344674205",
    "40, 7, 9, 64, -0.08303049416211973, 0.05000022447614444"
  })
  void newcombe(long a, long b, long c, long d, double low, double high) {
    PairedDifference difference = PairedDifference.of(new PairCounts(a, b, c, d), 0.95);
    assertThat(difference.interval().orElseThrow().low()).isCloseTo(low, CLOSE);
    assertThat(difference.interval().orElseThrow().high()).isCloseTo(high, CLOSE);
  }

  /** Documents needed at alpha .05, power .8: the formula worked out apart, rounded. */
  @ParameterizedTest
  @CsvSource({
    ".05, .01, 3923",
    ".05, .02, 979",
    ".10, .05, 312",
    ".20, .01, 15696",
    ".20, .05, 626"
  })
  void documentsNeeded(double psi, double delta, double documents) {
    assertThat(Power.documents(delta, psi, .05, .8).orElseThrow())
        .isCloseTo(documents, within(1.0));
  }

  /** Smallest effects at alpha .05, power .8: GSM8K, HumanEval. */
  @ParameterizedTest
  @CsvSource({"1319, .10, .024", "1319, .05, .017", "164, .20, .097", "164, .05, .049"})
  void smallestEffects(long n, double psi, double effect) {
    assertThat(Power.minimumDetectableEffect(n, psi, .05, .8).orElseThrow())
        .isCloseTo(effect, within(5e-4));
  }

  /** Miller's example: omega² = 1/9 and 969 questions show 3 points. */
  @Test
  void smallestMean() {
    assertThat(Power.minimumDetectableMean(Math.sqrt(1.0 / 9 / 969), .05, .8))
        .isCloseTo(.03, within(1e-5));
  }
}
