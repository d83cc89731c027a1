package dev.whetstone.training.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EarlyStoppingTest {
  private static List<Evaluation> losses(double... losses) {
    var evaluations = new ArrayList<Evaluation>();
    for (int i = 0; i < losses.length; i++) {
      evaluations.add(new Evaluation(10 * i, losses[i], Map.of(), Map.of(), 1));
    }
    return evaluations;
  }

  @Test
  void measurementsSinceTheLastBetterOneAreCounted() {
    assertThat(EarlyStopping.withoutProgress(losses(), 0)).isZero();
    assertThat(EarlyStopping.withoutProgress(losses(3, 2, 1), 0)).isZero();
    assertThat(EarlyStopping.withoutProgress(losses(3, 2, 2, 2.5), 0)).isEqualTo(2);
    assertThat(EarlyStopping.withoutProgress(losses(3, 2.95, 2.9), 0.2)).isEqualTo(2);
    assertThat(EarlyStopping.withoutProgress(losses(3, 2.95, 2.7), 0.2)).isZero();
  }

  @Test
  void theBestIsTheFirstOfEquals() {
    assertThat(EarlyStopping.bestStep(losses())).isEqualTo(-1);
    assertThat(EarlyStopping.bestStep(losses(3, 1, 2, 1))).isEqualTo(10);
  }
}
