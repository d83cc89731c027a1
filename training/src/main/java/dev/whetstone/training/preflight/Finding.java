package dev.whetstone.training.preflight;

/**
 * What looking at a run before it began has found.
 *
 * @param kind a name that a recipe can accept by, such as {@code no-end}
 * @param severity whether it stops the run
 * @param sentence what was expected, what was found, what to do
 */
public record Finding(String kind, Severity severity, String sentence) {
  /** What follows from a finding. */
  public enum Severity {
    /** The run cannot be right. */
    STOP,
    /** It may be a mistake. */
    WARNING,
    /** Worth knowing. */
    NOTE
  }

  static Finding stop(String kind, String sentence) {
    return new Finding(kind, Severity.STOP, sentence);
  }

  static Finding warning(String kind, String sentence) {
    return new Finding(kind, Severity.WARNING, sentence);
  }
}
