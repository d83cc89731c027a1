package dev.whetstone.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class StopSwitchTest {
  @Test
  void asksItsSourceUntilPulled() {
    StopSwitch stop = after(2);
    assertThat(stop.pulled()).isFalse();
    assertThat(stop.pulled()).isTrue();
    StopSwitch never = never();
    assertThat(never.pulled()).isFalse();
    never.pull();
    assertThat(never.pulled()).isTrue();
  }

  static StopSwitch never() {
    return new StopSwitch(() -> false);
  }

  /** Pulled when it is asked for the {@code asked}th time: the loop asks once a step. */
  static StopSwitch after(int asked) {
    return new StopSwitch(
        new BooleanSupplier() {
          private int left = asked;

          @Override
          public boolean getAsBoolean() {
            return --left <= 0;
          }
        });
  }
}
