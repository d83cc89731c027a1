package dev.whetstone.leaderboard.web;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Buckets of tokens by key: a bucket holds a minute's worth and fills evenly. The state of the keys
 * that were not seen for longest is forgotten. Safe for several threads.
 */
final class RateLimit {
  private static final double MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  /** Keys come from strangers: their number is bounded. */
  static final int MAX_KEYS = 10_000;

  private final int perMinute;
  private final LongSupplier nanoTime;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MAX_KEYS;
        }
      };

  /** Tokens at a time. */
  private record Bucket(double tokens, long at) {}

  RateLimit(int perMinute, LongSupplier nanoTime) {
    this.perMinute = perMinute;
    this.nanoTime = nanoTime;
  }

  /** Takes a token. Empty if there was one, else the seconds until there is, at least 1. */
  synchronized OptionalLong take(String key) {
    OptionalLong wait = wait(key);
    if (wait.isEmpty()) {
      Bucket bucket = filled(key);
      buckets.put(key, new Bucket(bucket.tokens - 1, bucket.at));
    }
    return wait;
  }

  /** What {@link #take} would answer, without taking. */
  synchronized OptionalLong wait(String key) {
    double missing = 1 - filled(key).tokens;
    return missing <= 0
        ? OptionalLong.empty()
        : OptionalLong.of((long) Math.ceil(missing * 60 / perMinute));
  }

  private Bucket filled(String key) {
    long now = nanoTime.getAsLong();
    Bucket bucket = buckets.getOrDefault(key, new Bucket(perMinute, now));
    double gained = (now - bucket.at) / MINUTE_NANOS * perMinute;
    return new Bucket(Math.min(perMinute, bucket.tokens + gained), now);
  }
}
