package dev.whetstone.leaderboard.web;

import dev.whetstone.artifacts.BadInputException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** The secret that allows posts. Only its hash is held; it is never printed. */
public final class WriteToken {
  public static final String VARIABLE = "WHETSTONE_BOARD_TOKEN";
  static final int MIN_CHARACTERS = 16;
  private static final String SCHEME = "Bearer ";

  private final byte[] hash;

  private WriteToken(String token) {
    this.hash = sha256(token);
  }

  /**
   * The token in an environment variable's {@code value}; empty if that is null or empty.
   *
   * @throws BadInputException if it is too short to resist guessing
   */
  public static Optional<WriteToken> of(String value) {
    if (value == null || value.isEmpty()) {
      return Optional.empty();
    }
    if (value.length() < MIN_CHARACTERS || !value.matches("[\\x21-\\x7e]+")) {
      throw new BadInputException(
          "%s: expected at least %d printable ASCII characters without blanks, found %d characters; make one: openssl rand -hex 24"
              .formatted(VARIABLE, MIN_CHARACTERS, value.length()));
    }
    return Optional.of(new WriteToken(value));
  }

  /** Whether an {@code Authorization} header shows the token; takes the same time either way. */
  boolean isShownIn(String authorization) {
    String shown =
        authorization != null && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
            ? authorization.substring(SCHEME.length()).strip()
            : "";
    return MessageDigest.isEqual(hash, sha256(shown));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
