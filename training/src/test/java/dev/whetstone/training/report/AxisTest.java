package dev.whetstone.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.62   | 2.31   | 0 0.5 1.0 1.5 2.0",
        "1.90   | 2.10   | 1.90 1.95 2.00 2.05 2.10",
        "0      | 2e-4   | 0 0.5e-4 1.0e-4 1.5e-4 2.0e-4",
        "0      | 0      | 0 0.2 0.4 0.6 0.8 1.0",
        "3100   | 14200  | 0 5k 10k",
        "-1.5   | 0.5    | \u22121.5 \u22121.0 \u22120.5 0 0.5",
        "7      | 7      | 6.5 7.0 7.5",
      })
  void marksAreRoundNumbersInTheRangeOfTheData(double least, double most, String labels) {
    assertThat(String.join(" ", Axis.around(least, most, 5).labels())).isEqualTo(labels);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 1    | 1",
        "1 | 2    | 1 2",
        "0 | 1    | 0 1",
        "0 | 30   | 0 5 10 15 20 25 30",
        "1 | 5000 | 1000 2000 3000 4000 5000",
      })
  void stepsAreMarkedAtWholeNumbers(int first, int last, String labels) {
    assertThat(String.join(" ", Axis.steps(first, last, 6).labels())).isEqualTo(labels);
  }

  @Test
  void everyRangeHasAFewDifferentLabelsAndHoldsItsData() {
    for (int seed = 0; seed < 2000; seed++) {
      var random = new Random(seed);
      double least = random.nextGaussian() * Math.pow(10, random.nextInt(14) - 6);
      double most = least + Math.abs(random.nextGaussian() * least) * Math.pow(10, -seed % 7);
      Axis axis = Axis.around(least, most, 5);
      assertThat(axis.labels()).as("seed %d: %s, %s", seed, least, most).doesNotHaveDuplicates();
      assertThat(axis.labels().size()).as("seed %d: %s, %s", seed, least, most).isBetween(2, 7);
      assertThat(axis.share(least)).as("seed %d", seed).isBetween(0.0, 1.0);
      assertThat(axis.share(most)).as("seed %d", seed).isBetween(0.0, 1.0);
    }
  }

  @Test
  void aStepIsOneTwoOrFive() {
    assertThat(Axis.step(0.03)).isCloseTo(0.05, within(1e-12));
    assertThat(Axis.step(1)).isEqualTo(1);
    assertThat(Axis.step(7)).isEqualTo(10);
  }
}
