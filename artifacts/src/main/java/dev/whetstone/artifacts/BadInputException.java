package dev.whetstone.artifacts;

/**
 * Wrong usage or bad input: exit code 2.
 *
 * <p>The message is one sentence a colleague can act on: what was expected, what was found, where,
 * what to do.
 */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadInputException(String message) {
    super(message);
  }

  public BadInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
