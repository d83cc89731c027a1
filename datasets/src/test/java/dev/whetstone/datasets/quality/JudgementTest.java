package dev.whetstone.datasets.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.datasets.quality.QualityConfig.CrossValidation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Numbers that judge a classifier, each against what anyone can count. */
class JudgementTest {
  @Test
  void theAreaIsTheChanceThatAGoodRowStandsAboveABadOne() {
    for (long seed = 0; seed < 100; seed++) {
      List<Prediction> predictions = random(new Random(seed), 60, 8);
      double above = 0;
      double pairs = 0;
      for (Prediction good : predictions) {
        for (Prediction bad : predictions) {
          if (good.good() && !bad.good()) {
            pairs++;
            above += good.logit() > bad.logit() ? 1 : good.logit() == bad.logit() ? 0.5 : 0;
          }
        }
      }
      Roc roc = Roc.of(predictions);
      assertThat(roc.area()).as("seed %d", seed).isCloseTo(above / pairs, within(1e-12));
      assertThat(roc.points().get(0)).isEqualTo(new Roc.Point(0, 0));
      assertThat(roc.points().get(roc.points().size() - 1)).isEqualTo(new Roc.Point(1, 1));
    }
  }

  @Test
  void whatAlwaysSaysTheTruthHasNoCalibrationErrorAndWhatBragsHas() {
    List<Prediction> honest = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      honest.add(new Prediction(0, 0.85, i < 85));
      honest.add(new Prediction(0, 0.35, i < 35));
    }
    assertThat(Reliability.of(honest, Prediction::probability).error()).isCloseTo(0, within(1e-9));
    // Says 0.95 where 60 % are good: a distance of 0.35, on each row.
    List<Prediction> boastful = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      boastful.add(new Prediction(0, 0.95, i < 60));
    }
    Reliability found = Reliability.of(boastful, Prediction::probability);
    assertThat(found.error()).isCloseTo(0.35, within(1e-9));
    assertThat(found.bins()).hasSize(1);
  }

  @Test
  void plattFindsTheScalingThatMadeTheLabels() {
    var random = new Random(3);
    double[] logits = new double[40_000];
    List<Boolean> good = new ArrayList<>();
    for (int i = 0; i < logits.length; i++) {
      logits[i] = 6 * random.nextGaussian();
      good.add(random.nextDouble() < Platt.sigmoid(0.5 * logits[i] - 1.2));
    }
    Platt found = Platt.fit(logits, good);
    assertThat(found.slope()).isCloseTo(0.5, within(0.02));
    assertThat(found.intercept()).isCloseTo(-1.2, within(0.06));
  }

  @Test
  void noOtherScalingHasLessLoss() {
    for (long seed = 0; seed < 50; seed++) {
      List<Prediction> predictions = random(new Random(seed), 30, 5);
      double[] logits = predictions.stream().mapToDouble(Prediction::logit).toArray();
      List<Boolean> good = predictions.stream().map(Prediction::good).toList();
      Platt found = Platt.fit(logits, good);
      double least = loss(logits, good, found.slope(), found.intercept());
      for (double[] step : new double[][] {{1e-3, 0}, {-1e-3, 0}, {0, 1e-3}, {0, -1e-3}}) {
        assertThat(loss(logits, good, found.slope() + step[0], found.intercept() + step[1]))
            .as("seed %d", seed)
            .isGreaterThanOrEqualTo(least - 1e-9);
      }
    }
  }

  /** The loss as Platt writes it, with his targets. */
  private static double loss(double[] logits, List<Boolean> good, double slope, double intercept) {
    long positive = good.stream().filter(g -> g).count();
    long negative = good.size() - positive;
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      double target = good.get(i) ? (positive + 1.0) / (positive + 2.0) : 1 / (negative + 2.0);
      double p = 1 / (1 + Math.exp(-(slope * logits[i] + intercept)));
      sum -= target * Math.log(p) + (1 - target) * Math.log(1 - p);
    }
    return sum;
  }

  @Test
  void rowsThatAreToldApartWithoutAFaultHaveAFiniteScaling() {
    double[] logits = new double[40];
    List<Boolean> good = new ArrayList<>();
    for (int i = 0; i < logits.length; i++) {
      logits[i] = i < 20 ? -30 - i : 900 + i;
      good.add(i >= 20);
    }
    Platt found = Platt.fit(logits, good);
    assertThat(found.probability(900)).isBetween(0.9, 0.999);
    assertThat(found.probability(-40)).isBetween(0.001, 0.1);
    assertThatThrownBy(() -> Platt.fit(new double[] {1}, List.of(true)))
        .hasMessageContaining("1 good, 0 bad");
  }

  @Test
  void thresholdsAccountForEveryRow() {
    List<Prediction> predictions = random(new Random(1), 200, 1000);
    Measured measured = Measured.of(predictions);
    assertThat(measured.thresholds()).hasSize(9);
    measured
        .thresholds()
        .forEach(
            t ->
                assertThat(t.goodKept() + t.goodGone() + t.badKept() + t.badGone()).isEqualTo(200));
    Measured.Threshold middle = measured.thresholds().get(4);
    assertThat(measured.accuracy())
        .isCloseTo((middle.goodKept() + middle.badGone()) / 200.0, within(1e-12));
    assertThat(measured.interval().contains(measured.accuracy())).isTrue();
  }

  @Test
  void foldsThatAgreeStillHaveAnInterval() {
    Measured perfect =
        Measured.of(List.of(new Prediction(4, 0.9, true), new Prediction(-4, 0.1, false)));
    var cross = new CrossValidation(2, 1);
    CrossValidated found = CrossValidated.of(List.of(perfect, perfect), cross, 4);
    assertThat(found.accuracy()).isEqualTo(1);
    assertThat(found.interval().low()).isBetween(0.4, 0.6);
    Measured wrong =
        Measured.of(List.of(new Prediction(4, 0.9, true), new Prediction(4, 0.9, false)));
    CrossValidated spread =
        CrossValidated.of(List.of(perfect, wrong, perfect, wrong), new CrossValidation(2, 2), 4);
    // Deviations of 0.25 each: s^2 = 0.25 / 3, times (1 / 4 + 1); t of 3 degrees: 3.1824.
    double half = 3.1824463 * Math.sqrt(0.25 / 3 * 1.25);
    assertThat(spread.interval().low()).isCloseTo(Math.max(0, 0.75 - half), within(1e-6));
    assertThat(spread.interval().high()).isEqualTo(1);
  }

  /** Of {@code levels} different logits, so that some are equal; both labels are there. */
  private static List<Prediction> random(Random random, int n, int levels) {
    List<Prediction> predictions = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      boolean good = i == 0 || (i > 1 && random.nextBoolean());
      double logit = random.nextInt(levels) - levels / 2.0 + (good ? 1 : 0);
      predictions.add(new Prediction(logit, Platt.sigmoid(logit / 2), good));
    }
    return predictions;
  }
}
