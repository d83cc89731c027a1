package dev.whetstone.artifacts;

/**
 * The machine is in the way (disk full, port in use, no network): exit code 6. The message is one
 * sentence.
 */
public class SurroundingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SurroundingsException(String message) {
    super(message);
  }

  public SurroundingsException(String message, Throwable cause) {
    super(message, cause);
  }
}
