package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.SurroundingsException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How often a request is tried and how long we wait in between: exponential, with jitter so that
 * many clients do not come back at once, unless the hub says how long ({@code Retry-After}, seconds
 * or a date: RFC 9110, section 10.2.3).
 *
 * @param tries of one request without progress, at least 1
 * @param random of the jitter, safe to share between threads
 */
record Patience(int tries, Clock clock, RandomGenerator random, Sleep sleep) {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** A hub that wants more than this is left alone; the user decides. */
  private static final Duration LONGEST_ASKED = Duration.ofMinutes(5);

  /** Waits; a test only notes how long. */
  interface Sleep {
    void sleep(Duration time) throws InterruptedException;
  }

  static Patience usual() {
    return new Patience(
        6, Clock.systemUTC(), new Random(), time -> TimeUnit.MILLISECONDS.sleep(time.toMillis()));
  }

  /** Whether an answer with this status may be another one if it is asked for again. */
  static boolean isPassing(int status) {
    return status == 408
        || status == 429
        || status == 500
        || status == 502
        || status == 503
        || status == 504;
  }

  /**
   * Waits before another try.
   *
   * @param failures so far, at least 1
   * @param retryAfter the header, where there was one
   * @param what failed, for the sentence
   * @throws SurroundingsException if the tries are used up, or the hub asks for too long a wait
   */
  void await(int failures, Optional<String> retryAfter, String what) {
    if (failures >= tries) {
      throw new SurroundingsException(
          "%s, %d times; try again later, nothing that has arrived is lost."
              .formatted(what, failures));
    }
    Duration asked = retryAfter.flatMap(this::asked).orElse(Duration.ZERO);
    if (asked.compareTo(LONGEST_ASKED) > 0) {
      throw new SurroundingsException(
          "%s; it asks to come back in %d s: do so, nothing that has arrived is lost."
              .formatted(what, asked.toSeconds()));
    }
    Duration own = FIRST.multipliedBy(1L << Math.min(failures - 1, 10));
    own = own.compareTo(LONGEST) > 0 ? LONGEST : own;
    long jittered = (long) (own.toMillis() * (0.5 + 0.5 * random.nextDouble()));
    Duration wait = asked.isZero() ? Duration.ofMillis(jittered) : asked.plusMillis(jittered / 10);
    if (wait.compareTo(Duration.ofSeconds(5)) > 0) {
      System.err.printf("%s; trying again in %d s%n", what, wait.toSeconds());
    }
    try {
      sleep.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SurroundingsException("interrupted while waiting: " + what, e);
    }
  }

  private Optional<Duration> asked(String header) {
    try {
      if (header.matches("\\d{1,9}")) {
        return Optional.of(Duration.ofSeconds(Long.parseLong(header)));
      }
      Duration until =
          Duration.between(
              clock.instant(),
              ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return Optional.of(until.isNegative() ? Duration.ZERO : until);
    } catch (DateTimeException e) {
      return Optional.empty(); // our own wait is as good
    }
  }
}
