package dev.whetstone.datasets.read;

/** A row that is no conversation. The message says what was expected and found, for people. */
public final class BrokenRowException extends Exception {
  private static final long serialVersionUID = 1L;

  public BrokenRowException(String message) {
    super(message);
  }
}
