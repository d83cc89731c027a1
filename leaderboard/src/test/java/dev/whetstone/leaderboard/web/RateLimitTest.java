package dev.whetstone.leaderboard.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.BadInputException;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private final AtomicLong now = new AtomicLong(-5);

  @Test
  void aMinutesWorthAtOnceThenEvenly() {
    var limit = new RateLimit(3, now::get);
    for (int i = 0; i < 3; i++) {
      assertThat(limit.take("a")).isEmpty();
    }
    assertThat(limit.take("a")).hasValue(20);
    assertThat(limit.take("b")).as("another key").isEmpty();
    now.addAndGet(TimeUnit.SECONDS.toNanos(20));
    assertThat(limit.wait("a")).isEmpty();
    assertThat(limit.take("a")).isEmpty();
    assertThat(limit.take("a")).hasValue(20);
  }

  @Test
  void whateverComesNoMinuteGivesMoreThanTwiceItsWorth() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      int perMinute = 1 + random.nextInt(20);
      var limit = new RateLimit(perMinute, now::get);
      int taken = 0;
      for (int i = 0; i < 500; i++) {
        now.addAndGet(random.nextLong(TimeUnit.SECONDS.toNanos(60) / 500));
        OptionalLong wait = limit.take("a");
        taken += wait.isEmpty() ? 1 : 0;
        assertThat(wait.orElse(1)).as("seed %d", seed).isPositive();
      }
      assertThat(taken).as("seed %d", seed).isLessThanOrEqualTo(2 * perMinute);
    }
  }

  @Test
  void strangersCannotFillTheMemory() {
    var limit = new RateLimit(1, now::get);
    limit.take("first");
    for (int i = 0; i < RateLimit.MAX_KEYS; i++) {
      limit.take("key " + i);
    }
    assertThat(limit.take("first")).as("forgotten").isEmpty();
  }

  @Test
  void tokenIsFoundOnlyWhereItIsWhole() {
    WriteToken token = WriteToken.of(ServedBoard.TOKEN).orElseThrow();
    assertThat(token.isShownIn("Bearer " + ServedBoard.TOKEN)).isTrue();
    assertThat(token.isShownIn("bearer " + ServedBoard.TOKEN)).isTrue();
    assertThat(token.isShownIn("Bearer " + ServedBoard.TOKEN + "x")).isFalse();
    assertThat(token.isShownIn("Bearer " + ServedBoard.TOKEN.substring(1))).isFalse();
    assertThat(token.isShownIn(ServedBoard.TOKEN)).isFalse();
    assertThat(token.isShownIn("Bearer ")).isFalse();
    assertThat(token.isShownIn(null)).isFalse();
    assertThat(WriteToken.of(null)).isEmpty();
    assertThat(WriteToken.of("")).isEmpty();
    Assertions.assertThatThrownBy(() -> WriteToken.of("short"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("at least 16", "found 5")
        .hasMessageNotContaining("short");
  }
}
