package dev.whetstone.workbench.step;

/** A step's process ended with an exit code other than 0, which becomes that of the story. */
public final class StepFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  StepFailedException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
