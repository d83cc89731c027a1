package dev.whetstone.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.training.optimizer.Schedule.Kind;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static Schedule schedule(Kind kind, double warmup) {
    return new Schedule(kind, warmup, null, null);
  }

  @Test
  void theFirstStepOfAWarmUpHasRateZero() {
    assertThat(schedule(Kind.COSINE, 4.0).factor(0, 100)).isZero();
    assertThat(schedule(Kind.COSINE, 4.0).factor(2, 100)).isEqualTo(0.5);
  }

  @Test
  void aWarmUpBelowOneIsAShareOfAllStepsRoundedUp() {
    assertThat(schedule(Kind.COSINE, 0.03).warmupSteps(100)).isEqualTo(3);
    assertThat(schedule(Kind.COSINE, 0.03).warmupSteps(101)).isEqualTo(4);
    assertThat(schedule(Kind.COSINE, 5.0).warmupSteps(100)).isEqualTo(5);
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
      assertThat(schedule(Kind.COSINE, 2.0).factor(step, 10))
          .as("step %d", step)
          .isEqualTo(expected[step], within(1e-12));
    }
  }

  @Test
  void linearFallsToZeroAndConstantStays() {
    assertThat(schedule(Kind.LINEAR, 0.0).factor(5, 10)).isEqualTo(0.5);
    assertThat(schedule(Kind.LINEAR, 0.0).factor(10, 10)).isZero();
    assertThat(schedule(Kind.CONSTANT, 0.0).factor(9, 10)).isEqualTo(1);
  }

  /**
   * transformers 5.23.0: get_wsd_schedule(optimizer, num_warmup_steps=2, num_decay_steps=4,
   * num_training_steps=10, min_lr_ratio=0.1), lr of steps 0 to 9 over base 1.
   */
  @Test
  void wsdIsTransformers() {
    double[] expected = {
      0.1, 0.55, 1.0, 1.0, 1.0, 1.0, 1.0, 0.8681980515339464, 0.55, 0.23180194846605365
    };
    var schedule = new Schedule(Kind.WSD, 2.0, 0.1, 4.0);
    for (int step = 0; step < expected.length; step++) {
      assertThat(schedule.factor(step, 10))
          .as("step %d", step)
          .isEqualTo(expected[step], within(1e-12));
    }
  }

  /**
   * transformers 5.23.0: get_cosine_with_min_lr_schedule_with_warmup(optimizer, 2, 10,
   * min_lr_rate=0.1), lr of steps 0 to 9 over base 1.
   */
  @Test
  void cosineWithAFloorIsTransformers() {
    double[] expected = {
      0.0,
      0.5,
      1.0,
      0.9657457896300791,
      0.8681980515339464,
      0.7222075445642904,
      0.55,
      0.3777924554357096,
      0.23180194846605365,
      0.13425421036992097
    };
    var schedule = new Schedule(Kind.COSINE, 2.0, 0.1, null);
    for (int step = 0; step < expected.length; step++) {
      assertThat(schedule.factor(step, 10))
          .as("step %d", step)
          .isEqualTo(expected[step], within(1e-12));
    }
  }

  @Test
  void anUnknownKindNamesTheKnownOnes() {
    assertThatThrownBy(() -> Kind.of("polynomial"))
        .hasMessageContaining("cosine, linear, constant, wsd");
  }
}
