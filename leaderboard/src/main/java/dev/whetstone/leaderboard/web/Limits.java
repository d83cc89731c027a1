package dev.whetstone.leaderboard.web;

import static java.util.Objects.requireNonNull;

import dev.whetstone.leaderboard.intake.ArchiveLimits;
import java.time.Duration;

/**
 * What a stranger may take of the server.
 *
 * @param head from the opening of a connection, or the end of its last request, to the whole head
 *     of the next request
 * @param request from a whole head to the last byte of the answer, where no token was shown
 * @param post the same for a post with the right token
 * @param connections open at once
 * @param postBytes the body of a post
 * @param archive what may come out of it
 * @param postsPerMinute from all who hold the token
 * @param wrongTokensPerMinute from one address
 */
record Limits(
    Duration head,
    Duration request,
    Duration post,
    int connections,
    long postBytes,
    ArchiveLimits archive,
    int postsPerMinute,
    int wrongTokensPerMinute) {
  static final Limits DEFAULT =
      new Limits(
          Duration.ofSeconds(15),
          Duration.ofMinutes(1),
          Duration.ofMinutes(5),
          1000,
          64L << 20,
          ArchiveLimits.DEFAULT,
          30,
          10);

  Limits {
    requireNonNull(head, "head is null");
    requireNonNull(request, "request is null");
    requireNonNull(post, "post is null");
    requireNonNull(archive, "archive is null");
    if (connections < 1 || postBytes < 1 || postsPerMinute < 1 || wrongTokensPerMinute < 1) {
      throw new IllegalArgumentException("every limit must be >= 1");
    }
  }
}
