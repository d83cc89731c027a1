package dev.whetstone.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.training.optimizer.Schedule.Kind;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void theFirstStepOfAWarmUpHasRateZero() {
    assertThat(new Schedule(Kind.COSINE, 4.0).factor(0, 100)).isZero();
    assertThat(new Schedule(Kind.COSINE, 4.0).factor(2, 100)).isEqualTo(0.5);
  }

  @Test
  void aWarmUpBelowOneIsAShareOfAllStepsRoundedUp() {
    assertThat(new Schedule(Kind.COSINE, 0.03).warmupSteps(100)).isEqualTo(3);
    assertThat(new Schedule(Kind.COSINE, 0.03).warmupSteps(101)).isEqualTo(4);
    assertThat(new Schedule(Kind.COSINE, 5.0).warmupSteps(100)).isEqualTo(5);
  }

  /**
   * transformers 5.23.0: get_cosine_schedule_with_warmup(optimizer, 2, 10), lr of steps 0 to 9 over
   * base 1.
   */
  @Test
  void cosineIsTransformers() {
    double[] expected = {
      0,
      0.5,
      1,
      0.9619397662556434,
      0.8535533905932737,
      0.6913417161825449,
      0.5,
      0.3086582838174551,
      0.14644660940672627,
      0.03806023374435663
    };
    for (int step = 0; step < expected.length; step++) {
      assertThat(new Schedule(Kind.COSINE, 2.0).factor(step, 10))
          .as("step %d", step)
          .isEqualTo(expected[step], within(1e-12));
    }
  }

  @Test
  void linearFallsToZeroAndConstantStays() {
    assertThat(new Schedule(Kind.LINEAR, 0.0).factor(5, 10)).isEqualTo(0.5);
    assertThat(new Schedule(Kind.LINEAR, 0.0).factor(10, 10)).isZero();
    assertThat(new Schedule(Kind.CONSTANT, 0.0).factor(9, 10)).isEqualTo(1);
  }

  @Test
  void anUnknownKindNamesTheKnownOnes() {
    assertThatThrownBy(() -> Kind.of("polynomial"))
        .hasMessageContaining("cosine, linear, constant");
  }
}
